/**
 * From the path of a recording to a scenario: finds out which format it is, reads it as a stream,
 * and says what was left out. It writes nothing.
 */
import { Buffer } from 'node:buffer';
import { createReadStream } from 'node:fs';
import { basename } from 'node:path';
import { HopmarkError } from '../model/error.ts';
import { readCombinedLine } from './combined-log.ts';
import { readHar } from './har.ts';
import { keysOfJsonLine, readJsonLine } from './json-log.ts';
import { readLines } from './lines.ts';
import { type RecordedItem, type RecordedRequest, unreadable } from './recorded-request.ts';
import { Recorder, type RecorderOptions, type Recording } from './recorder.ts';

export type RecordingFormat = 'har' | 'combined' | 'json';

export interface RecordOptions extends RecorderOptions {
  /** Default: from the file's name. */
  readonly name?: string;
  /** Hosts whose requests are kept; `all` for every one. Default: the one that has most. */
  readonly hosts?: readonly string[];
  readonly signal: AbortSignal;
  /** Called now and then with the bytes read so far. */
  readonly onProgress: (bytes: number) => void;
}

export interface RecordedFile extends Recording {
  readonly format: RecordingFormat;
}

/** The beginning of a file, from which its format is told. */
const BEGINNING_BYTES = 65_536;
const ALL_HOSTS = 'all';

/**
 * Records a file. Rejects with a user's HopmarkError: `recording-unreadable`, `unknown-format`,
 * `not-a-har`, `truncated-recording`, `nothing-recorded`.
 */
export async function recordFile(path: string, options: RecordOptions): Promise<RecordedFile> {
  const format = detectFormat(await readBeginning(path), path);
  const recorder = new Recorder(options);
  let limited = false;
  for await (const item of readItems(format, path, options)) {
    if (recorder.add(item)) continue;
    limited = true;
    break;
  }
  if (!recorder.readAny) throw await unknownFormat(path, format);
  const hosts = recorder.hosts();
  const name = options.name ?? scenarioName(path);
  const recording = recorder.finish(
    {
      name,
      title: `traffic recorded from ${basename(path)}`,
      source: `Recorded from ${basename(path)} (${FORMAT_NAMES[format]}).`,
    },
    wantedHosts(options.hosts, hosts, path),
    limited,
  );
  if (recording === null) {
    throw new HopmarkError('user', 'nothing-recorded', `no request of ${path} can be sent again`, {
      remedy: 'hopmark record --help says what is left out.',
    });
  }
  return { ...recording, format };
}

const FORMAT_NAMES: Readonly<Record<RecordingFormat, string>> = {
  har: 'HAR',
  combined: 'an access log',
  json: 'an access log of JSON lines',
};

async function* readItems(
  format: RecordingFormat,
  path: string,
  options: RecordOptions,
): AsyncGenerator<RecordedItem> {
  const chunks = readChunks(path, options);
  if (format === 'har') {
    yield* readHar(chunks, path);
    return;
  }
  const read = format === 'json' ? readJsonLine : readCombinedLine;
  for await (const { number, text, tooLong } of readLines(chunks)) {
    const request: RecordedRequest | null = tooLong ? null : read(text);
    yield request === null ? unreadable(number, text) : { request };
  }
}

async function* readChunks(
  path: string,
  { signal, onProgress }: RecordOptions,
): AsyncGenerator<Buffer> {
  let bytes = 0;
  try {
    for await (const chunk of createReadStream(path, { signal })) {
      if (!Buffer.isBuffer(chunk)) throw new Error('a stream of bytes gives buffers');
      bytes += chunk.length;
      onProgress(bytes);
      yield chunk;
    }
  } catch (error) {
    signal.throwIfAborted();
    throw error instanceof HopmarkError ? error : unreadableFile(path, error);
  }
}

async function readBeginning(path: string): Promise<Buffer> {
  const parts: Buffer[] = [];
  try {
    for await (const chunk of createReadStream(path, { end: BEGINNING_BYTES - 1 }))
      parts.push(chunk);
  } catch (error) {
    throw unreadableFile(path, error);
  }
  return Buffer.concat(parts);
}

function unreadableFile(path: string, cause: unknown): HopmarkError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new HopmarkError('user', 'recording-unreadable', `cannot read ${path}: ${why}`, { cause });
}

/** HAR files and JSON lines both begin with a brace; a log line is an object by itself. */
function detectFormat(beginning: Buffer, path: string): RecordingFormat {
  if (beginning.length === 0) {
    throw new HopmarkError('user', 'unknown-format', `${path} is empty`, { remedy: FORMATS });
  }
  if (beginning[0] === 0x1f && beginning[1] === 0x8b) {
    throw new HopmarkError('user', 'unknown-format', `${path} is compressed`, {
      remedy: 'Unpack it first, with gunzip.',
    });
  }
  const text = beginning
    .toString('utf8')
    .replace(/^\ufeff/, '')
    .trimStart();
  if (!text.startsWith('{')) return 'combined';
  const [first = ''] = text.split('\n', 1);
  const keys = keysOfJsonLine(first);
  return keys.length > 0 && !keys.includes('log') ? 'json' : 'har';
}

const FORMATS =
  'A recording is a HAR file, or an access log in the common or combined format, or of JSON lines.';

/** What is there instead, so that people see why. */
async function unknownFormat(path: string, format: RecordingFormat): Promise<HopmarkError> {
  const [first = ''] = (await readBeginning(path)).toString('utf8').trimStart().split('\n', 1);
  const keys = keysOfJsonLine(first);
  const message =
    format === 'har'
      ? `${path} is a HAR file without an entry that can be read`
      : format === 'json'
        ? `no line of ${path} names a method, a target and a status; its keys are ${keys.slice(0, 12).join(', ')}`
        : `no line of ${path} is in the common or combined log format`;
  return new HopmarkError('user', 'unknown-format', message, { remedy: FORMATS });
}

/** Null where every host is wanted. */
function wantedHosts(
  asked: readonly string[] | undefined,
  found: readonly (readonly [string, number])[],
  path: string,
): ReadonlySet<string> | null {
  if (asked === undefined) return found[0] === undefined ? null : new Set([found[0][0]]);
  if (asked.includes(ALL_HOSTS)) return null;
  const names = asked.map((name) => name.toLowerCase());
  const unknown = names.find((name) => !found.some(([host]) => host === name));
  if (unknown === undefined) return new Set(names);
  const most = found.slice(0, 5).map(([host, requests]) => `${host} (${requests})`);
  throw new HopmarkError('user', 'unknown-host', `${path} has no request to ${unknown}`, {
    remedy: most.length === 0 ? 'It names no hosts at all.' : `It has: ${most.join(', ')}.`,
  });
}

/** Lower-case letters, digits and dashes, from the file's name. */
function scenarioName(path: string): string {
  const name = basename(path)
    .toLowerCase()
    .replace(/\.(har|log|json|jsonl|ndjson|txt)$/, '')
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 40);
  return name === '' ? 'recorded' : name;
}
