/**
 * Reads a request's body whole. It bounds the body's size and the gap between two reads by itself:
 * a server that never listens does not (the contract's known trap).
 */
import type { IncomingMessage } from 'node:http';
import type { Limits } from '../policy/policy.ts';
import type { Refusal } from './answers.ts';
import { type Field, toFields } from './fields.ts';

/** A body and what followed it; why it is refused; or that its client went away. */
export type CollectedBody =
  | { readonly state: 'whole'; readonly body: Buffer; readonly trailers: readonly Field[] }
  | { readonly state: 'refused'; readonly refusal: Refusal }
  | { readonly state: 'gone' };

/**
 * Resolves once, never rejects. `broken` resolves when the parser gives the message up, which
 * `node:http` tells the connection and not the request.
 */
export function collectBody(
  request: IncomingMessage,
  limits: Limits,
  broken: Promise<Refusal>,
): Promise<CollectedBody> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    const timer = setTimeout(() => {
      settle({ state: 'refused', refusal: tooSlow });
    }, limits.bodyTimeoutMs);

    const settle = (outcome: CollectedBody): void => {
      clearTimeout(timer);
      request.off('data', onData).off('end', onEnd).off('close', onClose);
      resolve(outcome);
    };
    const onData = (chunk: Buffer): void => {
      timer.refresh();
      bytes += chunk.length;
      if (bytes > limits.bodyBytes) settle({ state: 'refused', refusal: tooLarge });
      else chunks.push(chunk);
    };
    const onEnd = (): void => {
      const trailers = toFields(request.rawTrailers);
      settle({ state: 'whole', body: Buffer.concat(chunks, bytes), trailers });
    };
    const onClose = (): void => settle({ state: 'gone' });

    request.on('data', onData).on('end', onEnd).on('close', onClose);
    // Without a listener an aborted request would be an uncaught error.
    request.on('error', () => {});
    broken.then((refusal) => settle({ state: 'refused', refusal }));
  });
}

const tooSlow: Refusal = {
  statusCode: 408,
  kind: 'body-timeout',
  message: 'the body came too slowly',
};

const tooLarge: Refusal = {
  statusCode: 413,
  kind: 'body-too-large',
  message: 'the body is larger than this proxy takes',
};
