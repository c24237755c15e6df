/**
 * What Node's parser says about a message that it cannot read, as the refusal that the client
 * gets. The codes are llhttp's.
 */
import type { Refusal } from './answers.ts';

/** The refusal for a `clientError`, or null where the connection itself broke. */
export function toRefusal(error: Error): Refusal | null {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (code === 'HPE_HEADER_OVERFLOW') {
    return {
      statusCode: 431,
      kind: 'head-too-large',
      message: 'the head is larger than this proxy takes',
    };
  }
  if (!code.startsWith('HPE_')) return null;
  return { statusCode: 400, kind: 'bad-request', message: 'the request cannot be read' };
}
