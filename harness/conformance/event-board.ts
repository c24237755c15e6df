/**
 * Counts what happens during one case and lets steps wait for it. A wait is bounded: what does not
 * happen in time becomes a failure that names it, so that no proxy can hang the suite.
 */
import type { EventName } from '../../impls/conformance/case.ts';

/** Something awaited did not happen within its bound. */
export class AwaitedInVain extends Error {
  override readonly name = 'AwaitedInVain';
}

/** The case is over while one of its scripts still waits. */
export class CaseOver extends Error {
  override readonly name = 'CaseOver';
}

interface Waiter {
  readonly event: EventName;
  readonly count: number;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
  readonly timer: NodeJS.Timeout;
}

export class EventBoard {
  readonly #counts = new Map<EventName, number>();
  readonly #waiters = new Set<Waiter>();
  #over = false;

  /** Adds to the event's count (`times` may be a number of bytes). */
  raise(event: EventName, times = 1): void {
    const count = this.count(event) + times;
    this.#counts.set(event, count);
    for (const waiter of this.#waiters) {
      if (waiter.event === event && waiter.count <= count) this.#settle(waiter, null);
    }
  }

  count(event: EventName): number {
    return this.#counts.get(event) ?? 0;
  }

  /**
   * Resolves when the event has been counted `count` times; rejects with {@link AwaitedInVain}
   * after `boundMs`, and with {@link CaseOver} when the board is closed.
   */
  until(event: EventName, count: number, boundMs: number): Promise<void> {
    if (this.count(event) >= count) return Promise.resolve();
    if (this.#over) return Promise.reject(new CaseOver());
    return new Promise((resolve, reject) => {
      const expire = (): void => {
        const seen = this.count(event);
        const text = `waited ${boundMs} ms for ${describeEvent(event, count)}; saw ${seen}`;
        this.#settle(waiter, new AwaitedInVain(text));
      };
      const timer = setTimeout(expire, boundMs);
      const waiter: Waiter = { event, count, resolve, reject, timer };
      this.#waiters.add(waiter);
    });
  }

  /** Ends every wait. */
  close(): void {
    this.#over = true;
    for (const waiter of this.#waiters) this.#settle(waiter, new CaseOver());
  }

  #settle(waiter: Waiter, error: Error | null): void {
    clearTimeout(waiter.timer);
    this.#waiters.delete(waiter);
    if (error === null) waiter.resolve();
    else waiter.reject(error);
  }
}

const EVENTS: Readonly<Record<string, string>> = {
  'client-bytes': 'bytes at the client',
  'client-interim': 'interim answers at the client',
  'client-head': 'answer heads at the client',
  'client-body': 'body bytes at the client',
  'client-response': 'complete answers at the client',
  'client-tunnel': 'tunnelled bytes at the client',
  'client-ended': 'ends of client connections by the proxy',
  'client-settled': 'complete answers or ended connections at the client',
  'origin-connection': 'connections at the origin',
  'origin-head': 'request heads at the origin',
  'origin-body': 'body bytes at the origin',
  'origin-request': 'complete requests at the origin',
  'origin-tunnel': 'tunnelled bytes at the origin',
  'origin-ended': 'ends of upstream connections by the proxy',
  'log-line': 'log lines',
  'proxy-exited': 'exits of the proxy',
};

function describeEvent(event: EventName, count: number): string {
  return `${count} ${EVENTS[event] ?? `of the case's event ${event}`}`;
}
