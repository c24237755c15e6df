/**
 * Words for writing cases: the steps of an exchange, and the messages in it. Builders only.
 */
import type {
  Bytes,
  ClientStep,
  EventName,
  Exchange,
  MarkStep,
  OriginAnswer,
  OriginStep,
  SendStep,
  UntilStep,
} from './case.ts';

/** Sends on the client's connection `on` (`a` by default), or from the origin. */
export function send(bytes: Bytes, options: { on?: string; pieceBytes?: number } = {}): SendStep {
  return { do: 'send', bytes, ...options };
}

/** Waits until the event has happened `count` times since the case began. */
export function until(event: EventName, count = 1): UntilStep {
  return { do: 'until', event, count };
}

/** Raises the event `mark-NAME`. */
export function mark(name: string): MarkStep {
  return { do: 'mark', name };
}

/** Half-closes a client connection. */
export function halfClose(on?: string): ClientStep {
  return on === undefined ? { do: 'half-close' } : { do: 'half-close', on };
}

/** Breaks a client connection with a reset. */
export function resetClient(on?: string): ClientStep {
  return on === undefined ? { do: 'reset' } : { do: 'reset', on };
}

export const barrier: ClientStep = { do: 'barrier' };
export const endOrigin: OriginStep = { do: 'half-close' };
export const resetOrigin: OriginStep = { do: 'reset' };

/** What the origin does when a request has come whole. */
export function answer(...steps: readonly (OriginStep | Bytes)[]): OriginAnswer {
  return { steps: steps.map(asStep) };
}

/** What the origin does as soon as a request's head has come. */
export function answerAtHead(...steps: readonly (OriginStep | Bytes)[]): OriginAnswer {
  return { at: 'head', steps: steps.map(asStep) };
}

function asStep(step: OriginStep | Bytes): OriginStep {
  return typeof step === 'string' || step instanceof Uint8Array ? send(step) : step;
}

/** Field lines, each as `Name: value`. */
export type Lines = readonly string[];

/** A GET for `target`, or another request line, with `Host: test.example` and further lines. */
export function get(target: string, ...lines: Lines): string {
  return request('GET', target, ...lines);
}

/** A request without a body. */
export function request(method: string, target: string, ...lines: Lines): string {
  return `${[`${method} ${target} HTTP/1.1`, 'Host: test.example', ...lines].join('\r\n')}\r\n\r\n`;
}

/** A request with a body of known length. */
export function withBody(method: string, target: string, body: Bytes, ...lines: Lines): Uint8Array {
  const bytes = toBytes(body);
  return join(request(method, target, ...lines, `Content-Length: ${bytes.length}`), bytes);
}

/** A chunked request; each of `chunks` is one chunk. */
export function chunkedRequest(
  method: string,
  target: string,
  chunks: readonly Bytes[],
  ...lines: Lines
): Uint8Array {
  return join(request(method, target, ...lines, 'Transfer-Encoding: chunked'), chunked(chunks));
}

/** An answer with a body of known length. */
export function reply(status: number, body: Bytes = 'ok', ...lines: Lines): Uint8Array {
  const bytes = toBytes(body);
  return join(replyHead(status, ...lines, `Content-Length: ${bytes.length}`), bytes);
}

/** A chunked answer. */
export function chunkedReply(
  status: number,
  chunks: readonly Bytes[],
  ...lines: Lines
): Uint8Array {
  return join(replyHead(status, ...lines, 'Transfer-Encoding: chunked'), chunked(chunks));
}

/** An answer's head, without framing unless `lines` say so. */
export function replyHead(status: number, ...lines: Lines): string {
  return `${[`HTTP/1.1 ${status} ${REASONS[status] ?? 'Some Reason'}`, ...lines].join('\r\n')}\r\n\r\n`;
}

const REASONS: Readonly<Record<number, string>> = {
  100: 'Continue',
  101: 'Switching Protocols',
  103: 'Early Hints',
  200: 'OK',
  201: 'Created',
  204: 'No Content',
  206: 'Partial Content',
  301: 'Moved Permanently',
  304: 'Not Modified',
  401: 'Unauthorized',
  404: 'Not Found',
  412: 'Precondition Failed',
  413: 'Content Too Large',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
};

/** Bytes in chunked coding, with the last chunk and `trailers`. */
export function chunked(chunks: readonly Bytes[], ...trailers: Lines): Uint8Array {
  const tail = `0\r\n${trailers.map((line) => `${line}\r\n`).join('')}\r\n`;
  return join(...chunks.map(chunk), tail);
}

/** One chunk. */
export function chunk(content: Bytes): Uint8Array {
  const bytes = toBytes(content);
  return join(`${bytes.length.toString(16)}\r\n`, bytes, '\r\n');
}

/** One connection sends one message and has its answer. */
export function exchange(bytes: Bytes, ...origin: readonly OriginAnswer[]): Exchange {
  const script = [send(bytes), until('client-response')];
  return origin.length === 0 ? { client: script } : { client: script, origin };
}

/**
 * One connection sends what must be refused, is answered, and is closed; then another request
 * passes, so that anything wrongly forwarded has arrived by then.
 */
export function refusal(bytes: Bytes, options: { pieceBytes?: number } = {}): Exchange {
  return {
    client: [send(bytes, options), until('client-response'), until('client-ended'), barrier],
  };
}

/** Strings are latin-1. */
export function toBytes(bytes: Bytes): Uint8Array {
  return typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes;
}

/** One after the other. */
export function join(...parts: readonly Bytes[]): Uint8Array {
  return Buffer.concat(parts.map(toBytes));
}

/**
 * Bytes in which any damage shows: pseudo-random, the same for the same seed (xorshift32), all 256
 * values among them.
 */
export function noise(byteCount: number, seed: number): Uint8Array {
  const bytes = Buffer.alloc(byteCount);
  let state = (seed * 2654435761) >>> 0 || 1;
  for (let i = 0; i < byteCount; i++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    bytes[i] = state & 255;
  }
  return bytes;
}

/** `bytes` cut into pieces whose sizes go round through `sizes`. */
export function cut(bytes: Uint8Array, sizes: readonly number[]): readonly Uint8Array[] {
  const pieces: Uint8Array[] = [];
  let from = 0;
  for (let i = 0; from < bytes.length; i++) {
    const to = from + (sizes[i % sizes.length] ?? bytes.length);
    pieces.push(bytes.subarray(from, to));
    from = to;
  }
  return pieces;
}
