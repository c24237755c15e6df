/**
 * What all connections of one handler share: the readers and the write buffer that are used again
 * for every message, the pool, the counters. Plain references; no behaviour.
 */

import type { Socket } from 'node:net';
import type { ProxyOptions } from '../contract.ts';
import type { writeAnswerHead } from './answer-head.ts';
import type { BufferPool } from './buffer-pool.ts';
import type { Counters } from './counters.ts';
import type { FieldTable } from './field-reader.ts';
import type { writeRequestHead } from './forward.ts';
import type { LogWriter } from './log-writer.ts';
import type { Outgoing } from './outgoing.ts';
import type { RequestHead } from './request-head.ts';
import type { ResponseHead } from './response-head.ts';
import type { Snapshot } from './snapshot.ts';
import type { Timeouts } from './timeouts.ts';
import type { UpstreamPool } from './upstream-pool.ts';

/** A client connection, as the handler sees it. */
export interface Client {
  readonly socket: Socket;
  /** Ends as soon as no request is in hand. */
  drain(): void;
}

export interface Core {
  readonly options: ProxyOptions;
  /** The policy in force; replaced on reload, taken once a request. */
  snapshot: Snapshot;
  draining: boolean;
  readonly requestHead: RequestHead;
  readonly responseHead: ResponseHead;
  /** The trailer section read last, requests' and answers'. */
  readonly trailers: FieldTable;
  readonly out: Outgoing;
  /** No fields at all. */
  readonly noFields: FieldTable;
  readonly buffers: BufferPool;
  /** Where clients' sockets read, one at a time; nothing of it is kept. */
  readonly clientReads: Buffer;
  /** Memory of that size for bodies, each that of one connection at a time. */
  readonly bodyReads: Buffer[];
  readonly writeRequestHead: typeof writeRequestHead;
  readonly writeAnswerHead: typeof writeAnswerHead;
  readonly log: LogWriter;
  readonly upstreams: UpstreamPool;
  readonly timeouts: Timeouts;
  readonly counters: Counters;
  readonly clients: Set<Client>;
  /** Told after a client connection has closed and left the set. */
  readonly clientClosed: () => void;
}
