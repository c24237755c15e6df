/**
 * The client connection, as an exchange and a tunnel see it. An interface of its own, so that the
 * connection may make exchanges and none of them imports the connection.
 */
import type { Socket } from 'node:net';
import type { ChunkReader } from './chunk-reader.ts';
import type { Hop } from './hop.ts';
import type { SocketWriter } from './socket-writer.ts';

/** A tunnel's end at the client. */
export interface ClientEnd {
  clientRead(bytes: Buffer): void;
  clientEnded(): void;
  /** The client takes bytes again. */
  clientDrained(): void;
}

export interface ExchangeClient {
  readonly socket: Socket;
  /** Takes answers for it. */
  readonly writer: SocketWriter;
  readonly hop: Hop;
  /** The chunk reader of the request's body, for its trailers. */
  readonly requestChunks: ChunkReader;
  /** The exchange is over; the connection serves the next request, or closes. */
  exchangeOver(keepsOpen: boolean): void;
  /** The upstream takes no more of the body for now, or takes it again. */
  pauseBody(): void;
  resumeBody(): void;
  /** From now on bytes go to the tunnel. */
  startTunnel(tunnel: ClientEnd): void;
  /** Breaks the connection, so that the client cannot take what it has for whole. */
  breakOff(): void;
}
