/** Requests in the order in which they are sent, the same for every driver. */
import type { LoadExchange } from './answer-reader.ts';

/** Requests to send, in order; drivers take consecutive ones from a position, cyclically. */
export interface RequestStream {
  readonly exchanges: readonly LoadExchange[];
  readonly order: Uint32Array;
}

/** The exchange at a position of the stream, 0 or more. */
export function exchangeAt({ exchanges, order }: RequestStream, position: number): LoadExchange {
  const exchange = exchanges[order[position % order.length] ?? 0];
  if (exchange === undefined) throw new Error('the order names an exchange that is not there');
  return exchange;
}
