/**
 * Sends one request to the upstream through undici and collects the answer whole. What the answer
 * is worth, and what the client gets of it, is `exchange.ts`.
 */
import { Readable } from 'node:stream';
import type { Dispatcher } from 'undici';
import { byName, type Field, toFields } from './fields.ts';
import { codeOf, type UpstreamPool } from './upstream-pool.ts';

/** A request as it goes out. */
export interface OutgoingRequest {
  readonly method: string;
  /** In origin-form. */
  readonly target: string;
  readonly fields: readonly Field[];
  readonly body: Buffer;
  readonly chunked: boolean;
  readonly firstByteTimeoutMs: number;
  /** Ends the request when its client has gone. */
  readonly signal: AbortSignal;
  /** Gets each interim answer. */
  readonly onInterim: (statusCode: number, fields: readonly Field[]) => void;
}

/** An answer as it came from the upstream. */
export interface UpstreamAnswer {
  readonly state: 'answered';
  readonly statusCode: number;
  readonly reason: string;
  readonly fields: readonly Field[];
  readonly body: Buffer;
  readonly trailers: readonly Field[];
  /** When the head was there, by the clock given. */
  readonly firstByteMs: number;
}

/** The answer, why there is none, or that it broke off after its head. */
export type ForwardResult =
  | UpstreamAnswer
  | { readonly state: 'failed'; readonly statusCode: 502 | 504; readonly kind: string }
  | { readonly state: 'broken'; readonly kind: string; readonly firstByteMs: number }
  | { readonly state: 'aborted' };

/** Never rejects. `nowMs` is a monotonic time. */
export async function forward(
  pool: UpstreamPool,
  request: OutgoingRequest,
  nowMs: () => number,
): Promise<ForwardResult> {
  let answer: Dispatcher.ResponseData;
  try {
    answer = await send(pool, request);
  } catch (error) {
    return request.signal.aborted ? { state: 'aborted' } : toFailure(error);
  }
  const firstByteMs = nowMs();
  const fields = toFields(rawHeaders(answer.headers));
  if (!isWellFramed(fields)) {
    answer.body.on('error', () => {}).destroy();
    return { state: 'failed', statusCode: 502, kind: 'upstream-malformed' };
  }
  try {
    const body = await collect(answer.body);
    const trailers = trailerFields(answer.trailers, fields);
    const { statusCode, statusText: reason } = answer;
    return { state: 'answered', statusCode, reason, fields, body, trailers, firstByteMs };
  } catch (error) {
    if (request.signal.aborted) return { state: 'aborted' };
    if (codeOf(error) === 'UND_ERR_RES_EXCEEDED_MAX_SIZE') {
      return { state: 'failed', statusCode: 502, kind: 'upstream-too-large' };
    }
    return { state: 'broken', kind: 'upstream-truncated', firstByteMs };
  }
}

/** RFC 9110 9.2.2. */
const IDEMPOTENT: ReadonlySet<string> = new Set([
  'GET',
  'HEAD',
  'OPTIONS',
  'TRACE',
  'PUT',
  'DELETE',
]);

/** Once more on a new connection, if a used one failed before it said anything. */
async function send(
  pool: UpstreamPool,
  request: OutgoingRequest,
): Promise<Dispatcher.ResponseData> {
  try {
    return await pool.request(toOptions(request));
  } catch (error) {
    const again = IDEMPOTENT.has(request.method) && pool.brokeOnReuse(error);
    if (!again || request.signal.aborted) throw error;
    return pool.requestAnew(toOptions(request));
  }
}

function toOptions(request: OutgoingRequest): Dispatcher.RequestOptions {
  return {
    method: request.method,
    path: request.target,
    headers: request.fields.flat(),
    body: toBody(request),
    signal: request.signal,
    headersTimeout: request.firstByteTimeoutMs,
    bodyTimeout: 0,
    responseHeaders: 'raw',
    onInfo: ({ statusCode, headers }) => {
      request.onInterim(statusCode, toFields(rawHeaders(headers)));
    },
  };
}

/** A stream goes out as chunked, a buffer with its length. */
function toBody({ body, chunked }: OutgoingRequest): Buffer | Readable | null {
  if (body.length === 0) return null;
  return chunked ? Readable.from([body]) : body;
}

/** With `responseHeaders: 'raw'` undici gives a flat list, which its types do not say. */
function rawHeaders(headers: unknown): string[] {
  return Array.isArray(headers) ? headers.map(String) : [];
}

/** RFC 9112 6.3: an answer whose length can be read in two ways is no answer. */
function isWellFramed(fields: readonly Field[]): boolean {
  const values = byName(fields);
  const lengths = values.get('content-length') ?? [];
  const codings = values.get('transfer-encoding') ?? [];
  if (lengths.length > 1 || (lengths.length > 0 && codings.length > 0)) return false;
  if (lengths.some((length) => !/^[0-9]{1,15}$/.test(length))) return false;
  return codings.length === 0 || (codings.length === 1 && /^chunked$/i.test(codings[0] ?? ''));
}

async function collect(body: AsyncIterable<unknown>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of body) if (Buffer.isBuffer(chunk)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** undici gives their names in lower case; the Trailer field says how they are written. */
function trailerFields(
  trailers: Readonly<Record<string, string | string[]>>,
  fields: readonly Field[],
): Field[] {
  const announced = (byName(fields).get('trailer') ?? []).join(',').split(',');
  const written = new Map(announced.map((name) => [name.trim().toLowerCase(), name.trim()]));
  return Object.entries(trailers).flatMap(([name, values]) =>
    [values].flat().map((value): Field => [written.get(name) ?? name, value]),
  );
}

/** What a failure before the answer's head means to the client, and under which kind it counts. */
export function toFailure(error: unknown): Extract<ForwardResult, { state: 'failed' }> {
  switch (codeOf(error)) {
    case 'connect-timeout':
      return { state: 'failed', statusCode: 504, kind: 'upstream-connect-timeout' };
    case 'UND_ERR_HEADERS_TIMEOUT':
      return { state: 'failed', statusCode: 504, kind: 'upstream-timeout' };
    case 'ECONNREFUSED':
      return { state: 'failed', statusCode: 502, kind: 'upstream-refused' };
    case 'UND_ERR_SOCKET':
    case 'ECONNRESET':
    case 'EPIPE':
      return { state: 'failed', statusCode: 502, kind: 'upstream-broken' };
    case 'UND_ERR_HEADERS_OVERFLOW':
      return { state: 'failed', statusCode: 502, kind: 'upstream-malformed' };
    default:
      return {
        state: 'failed',
        statusCode: 502,
        kind: codeOf(error).startsWith('HPE_') ? 'upstream-malformed' : 'upstream-unreachable',
      };
  }
}
