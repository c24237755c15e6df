/**
 * What is known of one request while it is served, and how it ended: the values that the stages
 * hand on. It does nothing.
 */
import type { Clock } from '../contract.ts';
import type { LogRecord } from '../policy/log-record.ts';
import type { LoggingRule } from '../policy/policy.ts';
import type { Answer } from './answers.ts';
import type { Incoming } from './client-connection.ts';
import type { Configuration, Snapshot } from './configuration.ts';
import type { Counters } from './counters.ts';
import type { Field } from './fields.ts';
import type { Peer } from './forwarded-fields.ts';
import type { LogQueue } from './log-queue.ts';
import type { RequestHead } from './request-checks.ts';
import type { Selection } from './rules.ts';
import type { TunnelOpener } from './upgrade.ts';
import type { UpstreamPool } from './upstream-pool.ts';

/** What every exchange of a handler shares. */
export interface ExchangeHost {
  readonly configuration: Configuration;
  readonly counters: Counters;
  readonly pool: UpstreamPool;
  readonly tunnels: TunnelOpener;
  readonly log: LogQueue;
  readonly clock: Clock;
}

/** A request that is being served. */
export interface Exchange {
  readonly incoming: Incoming;
  readonly head: RequestHead;
  readonly peer: Peer;
  readonly snapshot: Snapshot;
  readonly body: Buffer;
  readonly logging: Selection<LoggingRule>;
}

/** How it ended, for the log. */
export interface Ending {
  readonly outcome: LogRecord['outcome'];
  readonly status: number | null;
  readonly fields: readonly Field[];
  readonly body: Buffer;
  /** Body bytes that the client got. */
  readonly sentBytes: number;
  readonly upstreamMs: number | null;
}

/** The client got no answer. */
export const nothingSent: Ending = {
  outcome: 'aborted',
  status: null,
  fields: [],
  body: Buffer.alloc(0),
  sentBytes: 0,
  upstreamMs: null,
};

/** The client got this answer. */
export function ending(
  outcome: LogRecord['outcome'],
  answer: Answer,
  sentBytes: number,
  upstreamMs: number | null,
): Ending {
  return {
    outcome,
    status: answer.statusCode,
    fields: answer.fields,
    body: answer.body ?? Buffer.alloc(0),
    sentBytes,
    upstreamMs,
  };
}
