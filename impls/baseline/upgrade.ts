/**
 * An upgrade request: sent on through `node:http`, since undici gives neither the raw fields of a
 * 101 nor any other answer to an upgrade. After a 101 bytes flow both ways until both sides have
 * ended. Any other answer is collected whole, like every answer here.
 */
import { type IncomingMessage, request as sendRequest } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Upstream } from '../contract.ts';
import type { Incoming } from './client-connection.ts';
import { connect } from './connect.ts';
import type { Counters } from './counters.ts';
import { byName, type Field, toFields } from './fields.ts';
import { type ForwardResult, toFailure } from './forward.ts';
import { fieldsToClient } from './forwarded-fields.ts';

/** What opens tunnels. */
export interface TunnelOpener {
  readonly upstream: Upstream;
  readonly counters: Counters;
  readonly connectTimeoutMs: () => number;
}

/** The upgrade request as it goes out. */
export interface UpgradeRequest {
  readonly method: string;
  readonly target: string;
  /** Connection and Upgrade among them. */
  readonly fields: readonly Field[];
  readonly host: string | null;
  readonly firstByteTimeoutMs: number;
  readonly nowMs: () => number;
}

/** A tunnel, and when it is over. */
export interface Tunnel {
  readonly state: 'tunnelled';
  /** Of the 101, as received. */
  readonly fields: readonly Field[];
  readonly firstByteMs: number;
  readonly over: Promise<void>;
}

/** Never rejects. */
export function openTunnel(
  opener: TunnelOpener,
  incoming: Incoming,
  upgrade: UpgradeRequest,
): Promise<Tunnel | ForwardResult> {
  const { connection, signal } = incoming;
  return new Promise((resolve) => {
    const outgoing = sendRequest({
      method: upgrade.method,
      path: upgrade.target,
      headers: upgrade.fields.flat(),
      setHost: upgrade.host === null,
      host: opener.upstream.host,
      port: opener.upstream.port,
      signal,
      createConnection: (_options, done) => {
        const timeoutMs = opener.connectTimeoutMs();
        connect(opener.upstream, { timeoutMs, allowHalfOpen: true }, (error, socket) => {
          if (socket === null) {
            // Node's types demand a stream beside the error.
            done(error ?? new Error('no connection'), connection.socket);
            return;
          }
          opener.counters.upstreamOpened += 1;
          done(null, socket);
        });
        return undefined;
      },
    });
    const timer = setTimeout(
      () => outgoing.destroy(new FirstByteTimeoutError()),
      upgrade.firstByteTimeoutMs,
    );
    outgoing.once('close', () => clearTimeout(timer));
    outgoing.on('error', (error) => {
      resolve(signal.aborted ? { state: 'aborted' } : toFailure(error));
    });
    outgoing.once('upgrade', (answer, upstreamSocket, upstreamBytes) => {
      clearTimeout(timer);
      const fields = toFields(answer.rawHeaders);
      connection.becomeTunnel();
      incoming.response.detachSocket(connection.socket);
      connection.socket.write(switchingProtocols(answer, fields), 'latin1');
      const over = join(connection.socket, incoming.tunnelBytes, upstreamSocket, upstreamBytes);
      resolve({ state: 'tunnelled', fields, firstByteMs: upgrade.nowMs(), over });
    });
    outgoing.once('response', (answer) => {
      clearTimeout(timer);
      collectAnswer(answer, upgrade.nowMs()).then(resolve);
    });
    outgoing.end();
  });
}

class FirstByteTimeoutError extends Error {
  readonly code = 'UND_ERR_HEADERS_TIMEOUT';
}

function switchingProtocols(answer: IncomingMessage, fields: readonly Field[]): string {
  const lines = [
    ...fieldsToClient(101, fields),
    ['Connection', 'Upgrade'],
    ...[...(byName(fields).get('upgrade') ?? [])].map((value) => ['Upgrade', value]),
  ];
  const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  return `HTTP/1.1 101 ${answer.statusMessage ?? 'Switching Protocols'}\r\n${head}\r\n`;
}

/** Resolves when both sides have ended, or either has broken, which breaks the other. */
function join(
  client: Duplex,
  clientBytes: Buffer | null,
  upstream: Duplex,
  upstreamBytes: Buffer,
): Promise<void> {
  if (clientBytes !== null && clientBytes.length > 0) client.unshift(clientBytes);
  if (upstreamBytes.length > 0) upstream.unshift(upstreamBytes);
  return new Promise((resolve) => {
    const pass = (from: Duplex, to: Duplex): void => {
      from.pipe(to);
      from.on('error', () => to.destroy());
      from.once('close', () => {
        if (!from.readableEnded) to.destroy();
        if (to.destroyed) resolve();
      });
    };
    pass(client, upstream);
    pass(upstream, client);
  });
}

async function collectAnswer(answer: IncomingMessage, firstByteMs: number): Promise<ForwardResult> {
  try {
    const chunks: Buffer[] = [];
    for await (const chunk of answer) if (Buffer.isBuffer(chunk)) chunks.push(chunk);
    return {
      state: 'answered',
      statusCode: answer.statusCode ?? 502,
      reason: answer.statusMessage ?? '',
      fields: toFields(answer.rawHeaders),
      body: Buffer.concat(chunks),
      trailers: toFields(answer.rawTrailers),
      firstByteMs,
    };
  } catch {
    return { state: 'broken', kind: 'upstream-truncated', firstByteMs };
  }
}
