/**
 * When the stages of an exchange were reached. Three readings of the clock a request; the log line
 * and the histograms tell the same of it.
 */
import type { Clock } from '../contract.ts';

export class ExchangeTimes {
  readonly #clock: Clock;
  #begunMs = 0;
  #sentMs = 0;
  #firstByteMs = 0;
  /** From the head, read whole, to the end of the exchange, in milliseconds. */
  lastedMs = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  begin(): void {
    this.#begunMs = this.#clock.monotonicMs();
    this.#sentMs = 0;
    this.#firstByteMs = 0;
  }

  /** All of the request is on its way; `atOnce`: since `begin`, without having waited for anything. */
  requestSent(atOnce: boolean): void {
    this.#sentMs = atOnce ? this.#begunMs : this.#clock.monotonicMs();
  }

  /** Bytes of the answer have come; the first time counts. */
  answerRead(): void {
    if (this.#firstByteMs === 0) this.#firstByteMs = this.#clock.monotonicMs();
  }

  over(): void {
    this.lastedMs = this.#clock.monotonicMs() - this.#begunMs;
  }

  /**
   * From the whole request, sent, to the first byte of the answer, in milliseconds; 0 where the answer
   * came first, null where none came.
   */
  get upstreamMs(): number | null {
    if (this.#firstByteMs === 0) return null;
    return this.#sentMs === 0 ? 0 : Math.max(0, this.#firstByteMs - this.#sentMs);
  }
}
