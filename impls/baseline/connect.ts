/**
 * Opens a connection to the upstream within a time: the one place that knows `net` from `tls`. It
 * never turns verification off.
 */
import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls, getCACertificates } from 'node:tls';
import type { Upstream } from '../contract.ts';

/** No connection was made in the time allowed. */
class ConnectTimeoutError extends Error {
  readonly code = 'connect-timeout';
}

/** How a connection is opened. */
export interface ConnectOptions {
  readonly timeoutMs: number;
  /** Keeps our side open when the upstream ends its own: tunnels need that. */
  readonly allowHalfOpen: boolean;
}

/** Calls back once, with a connection that is ready for a request, or with why there is none. */
export function connect(
  upstream: Upstream,
  options: ConnectOptions,
  done: (error: Error | null, socket: Socket | null) => void,
): void {
  const socket = open(upstream, options.allowHalfOpen);
  const ready = upstream.protocol === 'https:' ? 'secureConnect' : 'connect';
  const timer = setTimeout(() => {
    socket.destroy(new ConnectTimeoutError(`no connection within ${options.timeoutMs} ms`));
  }, options.timeoutMs);
  const onReady = (): void => {
    clearTimeout(timer);
    socket.off('error', onError);
    done(null, socket);
  };
  const onError = (error: Error): void => {
    clearTimeout(timer);
    socket.off(ready, onReady);
    done(error, null);
  };
  socket.once(ready, onReady).once('error', onError);
}

function open(upstream: Upstream, allowHalfOpen: boolean): Socket {
  const { host, port, ca } = upstream;
  if (upstream.protocol === 'http:') {
    return connectTcp({ host, port, allowHalfOpen, noDelay: true });
  }
  const options = {
    host,
    port,
    // Node takes it, though its types leave it out.
    allowHalfOpen,
    // An address has no server name (RFC 6066 3); the certificate is held against `host` anyway.
    ...(isIP(host) === 0 ? { servername: host } : {}),
    ...(ca === undefined ? {} : { ca: [...getCACertificates('default'), ca] }),
  };
  return connectTls(options).setNoDelay(true);
}
