/** Requests in the order in which they are sent, the same for every driver. */
import type { LoadExchange } from './answer-reader.ts';
import type { LoadOpening } from './opening.ts';

/** Requests to send, in order; drivers take consecutive ones from a position, cyclically. */
export interface RequestStream {
  readonly exchanges: readonly LoadExchange[];
  readonly order: Uint32Array;
  /** Whether every request has a connection of its own; missing: they are kept. */
  readonly conditions?: { readonly connections?: 'one-each' };
  /** What every connection begins with; missing: nothing. */
  readonly opening?: LoadOpening;
}

/** The exchange at a position of the stream, 0 or more. */
export function exchangeAt({ exchanges, order }: RequestStream, position: number): LoadExchange {
  const exchange = exchanges[order[position % order.length] ?? 0];
  if (exchange === undefined) throw new Error('the order names an exchange that is not there');
  return exchange;
}
