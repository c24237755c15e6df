/**
 * What has happened, as plain numbers that are counted up in place: no lookup by name on the way of
 * a request but for failures. Nothing here decides anything.
 */
import type { HitCounts, ProxyCounters } from '../contract.ts';
import { Durations } from './durations.ts';
import type { ExchangeTimes } from './exchange-times.ts';

/** Why something was refused or failed. Kinds appear in `ProxyCounters.errors`. */
export type FailureKind =
  | 'bad-request'
  | 'method-refused'
  | 'body-too-large'
  | 'target-too-long'
  | 'expectation-failed'
  | 'head-too-large'
  | 'head-timeout'
  | 'body-timeout'
  | 'client-aborted'
  | 'upstream-refused'
  | 'upstream-broken'
  | 'upstream-malformed'
  | 'upstream-truncated'
  | 'upstream-connect-timeout'
  | 'upstream-timeout';

/** Hits and misses, counted up by a cache or a pool. */
export class HitCounter implements HitCounts {
  hits = 0;
  misses = 0;
}

export class Counters {
  requests = 0;
  dropped = 0;
  /** By the first digit of the status. */
  readonly classes: number[] = [0, 0, 0, 0, 0, 0];
  opened = 0;
  reused = 0;
  retried = 0;
  readonly #requestTimes = new Durations();
  readonly #upstreamTimes = new Durations();
  readonly #failures = new Map<FailureKind, number>();

  answered(status: number): void {
    const digit = (status / 100) | 0;
    this.classes[digit] = (this.classes[digit] ?? 0) + 1;
  }

  failed(kind: FailureKind): void {
    this.#failures.set(kind, (this.#failures.get(kind) ?? 0) + 1);
  }

  /** An exchange was answered, by whomever, and is over. */
  timed({ lastedMs, upstreamMs }: ExchangeTimes): void {
    this.#requestTimes.record(lastedMs);
    if (upstreamMs !== null) this.#upstreamTimes.record(upstreamMs);
  }

  /** A copy as the contract has it. */
  read(
    caches: Record<string, HitCounts>,
    pools: Record<string, HitCounts>,
    log: ProxyCounters['log'],
  ): ProxyCounters {
    const [, interim = 0, success = 0, redirect = 0, client = 0, server = 0] = this.classes;
    return {
      requests: this.requests,
      responses: { '1xx': interim, '2xx': success, '3xx': redirect, '4xx': client, '5xx': server },
      dropped: this.dropped,
      errors: Object.fromEntries(this.#failures),
      caches: copied(caches),
      pools: copied(pools),
      log: { ...log },
      upstream: { opened: this.opened, reused: this.reused, retried: this.retried },
      durations: { request: this.#requestTimes.read(), upstream: this.#upstreamTimes.read() },
    };
  }
}

function copied(counts: Record<string, HitCounts>): Record<string, HitCounts> {
  return Object.fromEntries(
    Object.entries(counts).map(([name, { hits, misses }]) => [name, { hits, misses }]),
  );
}
