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

/**
 * A stream that visits every method and target of another, the most frequent first: who has answered it
 * has seen what there is to be cached. Each comes twice in a row, since caches that have to bear floods
 * admit nothing at its first sight.
 */
export function tourOf(stream: RequestStream): RequestStream {
  const { exchanges, order } = stream;
  const counts = new Uint32Array(exchanges.length);
  for (const index of order) counts[index] = (counts[index] ?? 0) + 1;
  const byFrequency = [...exchanges.keys()].sort((a, b) => (counts[b] ?? 0) - (counts[a] ?? 0));
  const seen = new Set<string>();
  const visited = byFrequency.filter((index) => {
    const exchange = exchanges[index];
    const name = `${exchange?.method} ${exchange?.target}`;
    if (counts[index] === 0 || seen.has(name)) return false;
    seen.add(name);
    return true;
  });
  return { ...stream, order: Uint32Array.from(visited.flatMap((index) => [index, index])) };
}

/** The exchange at a position of the stream, 0 or more. */
export function exchangeAt({ exchanges, order }: RequestStream, position: number): LoadExchange {
  const exchange = exchanges[order[position % order.length] ?? 0];
  if (exchange === undefined) throw new Error('the order names an exchange that is not there');
  return exchange;
}
