/**
 * Both ways of a connection after an upgrade (101): bytes pass as they are, and each side's end is
 * the other's. It takes the upstream connection over from the exchange, so that the way of a usual
 * answer has no question about tunnels left in it. No timeout applies; nothing is logged but the
 * exchange's own line at its end.
 */
import type { ClientEnd, ExchangeClient } from './exchange-client.ts';
import type { Outgoing } from './outgoing.ts';
import type { UpstreamConnection, UpstreamUser } from './upstream-pool.ts';

/** What has begun a tunnel and is told of its end. */
export interface TunnelOwner {
  /** The upstream's connection is gone; `whole` if it had finished sending before. */
  tunnelOver(whole: boolean): void;
}

export class Tunnel implements UpstreamUser, ClientEnd {
  readonly #owner: TunnelOwner;
  readonly #client: ExchangeClient;
  readonly #out: Outgoing;
  readonly #upstream: UpstreamConnection;
  #upstreamEnded = false;
  #upstreamPaused = false;

  constructor(
    owner: TunnelOwner,
    client: ExchangeClient,
    upstream: UpstreamConnection,
    out: Outgoing,
  ) {
    this.#owner = owner;
    this.#client = client;
    this.#upstream = upstream;
    this.#out = out;
    upstream.user = this;
  }

  // From the client.

  clientRead(bytes: Buffer): void {
    const { socket } = this.#upstream;
    if (!socket.write(bytes) && socket.writableLength > 0) this.#client.pauseBody();
  }

  clientEnded(): void {
    this.#upstream.socket.end();
  }

  clientDrained(): void {
    if (!this.#upstreamPaused) return;
    this.#upstreamPaused = false;
    this.#upstream.socket.resume();
  }

  // From the upstream.

  upstreamConnected(): void {
    // It was connected before it could switch protocols.
  }

  /** Sends bytes [from, to) to the client, behind what is assembled already. */
  upstreamRead(bytes: Buffer, from: number, to: number): void {
    this.#out.range(bytes, from, to);
    if (this.#out.send(this.#client.writer)) return;
    this.#upstreamPaused = true;
    this.#upstream.socket.pause();
  }

  upstreamDrained(): void {
    this.#client.resumeBody();
  }

  upstreamEnded(): void {
    this.#upstreamEnded = true;
    this.#client.socket.end();
  }

  upstreamClosed(): void {
    this.#owner.tunnelOver(this.#upstreamEnded);
  }
}
