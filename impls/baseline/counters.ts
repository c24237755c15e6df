/**
 * What the proxy counts, as the contract lays it down. Plain additions; no histograms, and no
 * caches or pools, since the original has none.
 */
import type { ProxyCounters, ResponseClass } from '../contract.ts';

/** The counts of one handler. */
export class Counters {
  requests = 0;
  dropped = 0;
  logWritten = 0;
  logDropped = 0;
  upstreamOpened = 0;
  upstreamReused = 0;
  upstreamRetried = 0;
  readonly #responses: Record<ResponseClass, number> = {
    '1xx': 0,
    '2xx': 0,
    '3xx': 0,
    '4xx': 0,
    '5xx': 0,
  };
  readonly #errors = new Map<string, number>();

  /** Counts an answer sent to a client by the first digit of its status; 6xx and above by none. */
  countResponse(statusCode: number): void {
    const responseClass = classOf(statusCode);
    if (responseClass !== null) this.#responses[responseClass] += 1;
  }

  /** Counts a failure under its kind, such as `upstream-refused`. */
  countError(kind: string): void {
    this.#errors.set(kind, (this.#errors.get(kind) ?? 0) + 1);
  }

  /** A copy that does not change any more. */
  read(): ProxyCounters {
    return {
      requests: this.requests,
      responses: { ...this.#responses },
      dropped: this.dropped,
      errors: Object.fromEntries(this.#errors),
      caches: {},
      pools: {},
      log: { written: this.logWritten, dropped: this.logDropped },
      upstream: {
        opened: this.upstreamOpened,
        reused: this.upstreamReused,
        retried: this.upstreamRetried,
      },
    };
  }
}

function classOf(statusCode: number): ResponseClass | null {
  if (statusCode < 200) return '1xx';
  if (statusCode < 300) return '2xx';
  if (statusCode < 400) return '3xx';
  if (statusCode < 500) return '4xx';
  return statusCode < 600 ? '5xx' : null;
}
