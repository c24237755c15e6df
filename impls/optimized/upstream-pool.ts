/**
 * Connections to the upstream. Two tricks: all of them read into one buffer, handed out through
 * `onread`, which is free again when the callback returns because everything that is kept is
 * copied; and the connection that became idle last is used first, since its memory and the
 * upstream's are the warmest and the others may age and go.
 */
import { connect, type Socket } from 'node:net';
import {
  connect as connectTls,
  createSecureContext,
  getCACertificates,
  type SecureContext,
} from 'node:tls';
import type { Upstream } from '../contract.ts';
import { SocketWriter } from './socket-writer.ts';
import type { Timed, Timeouts } from './timeouts.ts';

const READ_BYTES = 64 * 1024;
const MAX_IDLE = 1024;
/** Below the keep-alive time of common upstreams (5 s in Node), so that few are met closing. */
const MAX_IDLE_MS = 4000;

/** Whoever a connection works for at the moment. */
export interface UpstreamUser {
  upstreamConnected(): void;
  /** Bytes [from, to), valid until it returns. */
  upstreamRead(bytes: Buffer, from: number, to: number): void;
  /** The upstream has finished sending. */
  upstreamEnded(): void;
  /** The connection is gone; `connected` tells whether it ever stood. */
  upstreamClosed(connected: boolean): void;
  upstreamDrained(): void;
}

export class UpstreamConnection {
  readonly socket: Socket;
  readonly writer: SocketWriter;
  readonly pool: UpstreamPool;
  user: UpstreamUser | null = null;
  connected = false;
  /** Requests sent on it. */
  served = 0;
  idleSinceMs = 0;

  constructor(pool: UpstreamPool, upstream: Upstream) {
    this.pool = pool;
    const options = {
      host: upstream.host,
      port: upstream.port,
      noDelay: true,
      allowHalfOpen: true,
      onread: {
        buffer: () => pool.readBuffer,
        callback: (length: number, bytes: Uint8Array) => this.#read(length, bytes),
      },
    };
    const isTls = upstream.protocol === 'https:';
    this.socket = isTls ? connectTls({ ...options, ...pool.tlsOptions }) : connect(options);
    this.writer = new SocketWriter(this.socket, () => this.user?.upstreamDrained());
    this.socket.once(isTls ? 'secureConnect' : 'connect', () => {
      this.connected = true;
      this.user?.upstreamConnected();
    });
    this.socket.on('end', () => {
      if (this.user === null) this.socket.destroy();
      else this.user.upstreamEnded();
    });
    this.socket.on('error', () => undefined);
    this.socket.on('close', () => {
      pool.forget(this);
      const user = this.user;
      this.user = null;
      user?.upstreamClosed(this.connected);
    });
  }

  /** Ends it without telling its user. */
  discard(): void {
    this.user = null;
    this.socket.destroy();
  }

  #read(length: number, bytes: Uint8Array): boolean {
    if (this.user === null) this.socket.destroy();
    else this.user.upstreamRead(this.pool.readBuffer, 0, length);
    return bytes.length > 0;
  }
}

export class UpstreamPool implements Timed {
  readonly readBuffer: Buffer = Buffer.allocUnsafeSlow(READ_BYTES);
  /** Made once: reading the system's certificates costs milliseconds. Verification is never off. */
  readonly tlsOptions: { readonly secureContext: SecureContext; readonly ALPNProtocols: string[] };
  readonly #upstream: Upstream;
  readonly #timeouts: Timeouts;
  readonly #all = new Set<UpstreamConnection>();
  readonly #idle: UpstreamConnection[] = [];

  constructor(upstream: Upstream, timeouts: Timeouts) {
    this.#upstream = upstream;
    this.#timeouts = timeouts;
    const { ca, protocol } = upstream;
    const isTrusting = ca !== undefined && protocol === 'https:';
    this.tlsOptions = {
      secureContext: createSecureContext(
        isTrusting ? { ca: [...getCACertificates('default'), ca] } : {},
      ),
      ALPNProtocols: ['http/1.1'],
    };
  }

  /** The idle connection used last, or null. */
  take(): UpstreamConnection | null {
    for (;;) {
      const connection = this.#idle.pop();
      if (connection === undefined) return null;
      const { socket } = connection;
      if (!socket.destroyed && socket.writable && socket.readable) return connection;
      socket.destroy();
    }
  }

  /** A new connection, which is connecting. Never throws for a network failure. */
  open(): UpstreamConnection {
    const connection = new UpstreamConnection(this, this.#upstream);
    this.#all.add(connection);
    return connection;
  }

  /** Keeps a connection whose exchange is complete, for the next one. */
  giveBack(connection: UpstreamConnection): void {
    connection.user = null;
    if (this.#idle.length >= MAX_IDLE) {
      connection.socket.destroy();
      return;
    }
    if (this.#idle.length === 0) this.#timeouts.add(this);
    connection.idleSinceMs = this.#timeouts.after(MAX_IDLE_MS);
    this.#idle.push(connection);
  }

  forget(connection: UpstreamConnection): void {
    this.#all.delete(connection);
    const index = this.#idle.lastIndexOf(connection);
    if (index !== -1) this.#idle.splice(index, 1);
    if (this.#idle.length === 0) this.#timeouts.remove(this);
  }

  checkTime(nowMs: number): void {
    // The oldest lie at the front. `destroy` takes them out when their close is seen.
    for (const connection of this.#idle) {
      if (connection.idleSinceMs > nowMs) break;
      connection.socket.destroy();
    }
  }

  close(): Promise<void> {
    const gone = [...this.#all].map(
      (connection) =>
        new Promise<void>((resolve) => {
          connection.socket.once('close', () => resolve());
          connection.discard();
        }),
    );
    this.#idle.length = 0;
    return Promise.all(gone).then(() => undefined);
  }
}
