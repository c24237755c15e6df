/**
 * Bounds a wait for something that may never happen.
 */
import { AwaitedInVain } from './event-board.ts';

/** The promise's outcome, or {@link AwaitedInVain} after `boundMs`. */
export async function withBound<T>(promise: Promise<T>, boundMs: number, what: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const expiry = new Promise<never>((_resolve, reject) => {
    const expire = (): void => reject(new AwaitedInVain(`waited ${boundMs} ms for ${what}`));
    timer = setTimeout(expire, boundMs);
  });
  try {
    return await Promise.race([promise, expiry]);
  } finally {
    clearTimeout(timer);
  }
}
