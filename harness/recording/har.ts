/** Requests out of a HAR file (HTTP Archive 1.2), entry by entry. Bodies are never looked at. */
import { Buffer } from 'node:buffer';
import { z } from 'zod';
import { HopmarkError } from '../model/error.ts';
import type { Field } from '../model/scenario.ts';
import { JsonEntries } from './json-entries.ts';
import { type RecordedItem, type RecordedRequest, unreadable } from './recorded-request.ts';

/** A text, or the size of one that was too long to be kept. */
const content = z.union([z.string(), z.number()]).optional();
const headers = z.array(z.object({ name: z.string(), value: z.string() })).catch([]);
/** -1 and a missing size both mean that it is not known. */
const size = z.number().catch(-1);

const entrySchema = z.object({
  request: z.object({
    method: z.string(),
    url: z.string(),
    headers,
    bodySize: size,
    postData: z.object({ text: content }).optional().catch(undefined),
  }),
  response: z.object({
    status: z.number(),
    headers,
    bodySize: size,
    content: z.object({ size }).optional().catch(undefined),
  }),
});

const BOUNDS = { mostStringBytes: 65_536, mostElementBytes: 4_194_304 };

/**
 * Reads the entries of a HAR file. Throws a user's HopmarkError at its end: `not-a-har` if there was
 * no `log.entries`, `truncated-recording` if it broke off.
 */
export async function* readHar(
  chunks: AsyncIterable<Buffer>,
  path: string,
): AsyncGenerator<RecordedItem> {
  const entries = new JsonEntries(['log', 'entries'], BOUNDS);
  let read = 0;
  for await (const chunk of chunks) {
    for (const { number, text } of entries.push(chunk)) {
      read += 1;
      yield readEntry(number, text);
    }
  }
  const end = entries.end();
  if (end === 'whole') return;
  if (end === 'absent') {
    throw new HopmarkError(
      'user',
      'not-a-har',
      `${path} is JSON but no HAR file: it has no log.entries`,
      {
        remedy: 'Browsers save one from the network tab of their developer tools.',
      },
    );
  }
  throw new HopmarkError(
    'user',
    'truncated-recording',
    `${path} breaks off in the middle, after ${read} whole entries`,
    { remedy: 'Save it again; nothing was written.' },
  );
}

function readEntry(number: number, text: string): RecordedItem {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return unreadable(number, text);
  }
  const entry = entrySchema.safeParse(value);
  if (!entry.success) return unreadable(number, text);
  const { request, response } = entry.data;
  const fields = request.headers.map(({ name, value }): Field => [name, value]);
  const answerFields = response.headers.map(({ name, value }): Field => [name, value]);
  const found: RecordedRequest = {
    method: request.method,
    target: request.url,
    host: null,
    fields,
    bodyBytes: firstKnown([
      request.bodySize,
      lengthOf(fields),
      postedBytes(request.postData?.text),
    ]),
    status: response.status,
    answerFields,
    // What went over the wire if that is known, what it was unpacked to otherwise.
    answerBytes: firstKnown([
      response.bodySize > 0 ? response.bodySize : -1,
      lengthOf(answerFields),
      response.content?.size ?? -1,
    ]),
  };
  return { request: found };
}

function lengthOf(fields: readonly Field[]): number {
  const value = fields.find(([name]) => name.toLowerCase() === 'content-length')?.[1] ?? '';
  return /^\d{1,15}$/.test(value) ? Number(value) : -1;
}

function postedBytes(text: string | number | undefined): number {
  if (text === undefined) return -1;
  return typeof text === 'number' ? text : Buffer.byteLength(text);
}

function firstKnown(sizes: readonly number[]): number {
  return Math.round(sizes.find((bytes) => bytes >= 0) ?? 0);
}
