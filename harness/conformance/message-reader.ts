/**
 * Reads a byte stream as HTTP/1.1 messages, as it comes, for the scripted client and origin. It
 * records what is there and says where the bytes cannot be read; it does not judge whether they
 * are what the case wanted, and it is written for clarity, not for speed.
 */
import type { FieldList, Framing } from '../../impls/conformance/observed.ts';

/** A message while it is being read; complete once `complete` is true. */
export interface MessageInProgress {
  startLine: string;
  head: string;
  fields: FieldList;
  framing: Framing;
  readonly bodyParts: Buffer[];
  readonly chunkBytes: number[];
  readonly chunkExtensions: string[];
  trailers: FieldList;
  complete: boolean;
}

/** What the reader tells while it reads. */
export interface MessageEvents {
  head(message: MessageInProgress): void;
  body(message: MessageInProgress, bytes: Buffer): void;
  end(message: MessageInProgress): void;
  /** Bytes after a switch to another protocol. */
  tunnel(bytes: Buffer): void;
  /** The bytes cannot be read any further; said once. */
  problem(text: string): void;
}

/** Tells how the body of a message with this head ends; null if the start line is none. */
export type Frame = (startLine: string, fields: FieldList) => Framing | 'switch' | null;

type State = 'head' | 'body' | 'chunk-size' | 'chunk-data' | 'trailers' | 'tunnel' | 'broken';

export class MessageReader {
  #state: State = 'head';
  #pending: Buffer = Buffer.alloc(0);
  #message: MessageInProgress | null = null;
  #remaining = 0;
  readonly #frame: Frame;
  readonly #events: MessageEvents;

  constructor(frame: Frame, events: MessageEvents) {
    this.#frame = frame;
    this.#events = events;
  }

  /** Reads everything that comes from now on as bytes of another protocol. */
  switchToTunnel(): void {
    this.#state = 'tunnel';
    this.#advance();
  }

  push(bytes: Buffer): void {
    this.#pending = this.#pending.length === 0 ? bytes : Buffer.concat([this.#pending, bytes]);
    this.#advance();
  }

  /** The stream has ended in order: a body that lasts until then is complete. */
  end(): void {
    const message = this.#message;
    if (this.#state === 'body' && message !== null && message.framing === 'until-close') {
      this.#finish(message);
    } else if (this.#state === 'head' && this.#pending.length > 0) {
      this.#fail(
        `it ends within a head: ${JSON.stringify(this.#pending.toString('latin1', 0, 80))}`,
      );
    }
  }

  #advance(): void {
    while (this.#step()) {
      // Each step consumes something or says that it needs more.
    }
  }

  /** True if there may be more to read in what is pending. */
  #step(): boolean {
    switch (this.#state) {
      case 'head':
        return this.#readHead();
      case 'body':
        return this.#readBody();
      case 'chunk-size':
        return this.#readChunkSize();
      case 'chunk-data':
        return this.#readChunkData();
      case 'trailers':
        return this.#readTrailers();
      case 'tunnel':
        return this.#readTunnel();
      case 'broken':
        return false;
    }
  }

  #readHead(): boolean {
    const end = this.#pending.indexOf('\r\n\r\n');
    if (end < 0) return false;
    const head = this.#take(end + 4).toString('latin1');
    const [startLine = '', ...lines] = head.slice(0, -4).split('\r\n');
    const fields = readFields(lines);
    if (typeof fields === 'string') return this.#fail(fields);
    const frame = this.#frame(startLine, fields);
    if (frame === null) return this.#fail(`a start line of ${JSON.stringify(startLine)}`);
    const message: MessageInProgress = {
      startLine,
      head,
      fields,
      framing: frame === 'switch' ? 'none' : frame,
      bodyParts: [],
      chunkBytes: [],
      chunkExtensions: [],
      trailers: [],
      complete: false,
    };
    this.#message = message;
    this.#events.head(message);
    if (frame === 'switch') {
      this.#finish(message);
      this.#state = 'tunnel';
      return true;
    }
    return this.#beginBody(message);
  }

  #beginBody(message: MessageInProgress): boolean {
    if (message.framing === 'chunked') {
      this.#state = 'chunk-size';
    } else if (message.framing === 'until-close') {
      this.#remaining = Number.POSITIVE_INFINITY;
      this.#state = 'body';
    } else {
      const length = message.framing === 'length' ? contentLength(message.fields) : 0;
      if (length === null) return this.#fail('its Content-Length is not one number');
      this.#remaining = length;
      this.#state = 'body';
      if (length === 0) this.#finish(message);
    }
    return true;
  }

  #readBody(): boolean {
    const message = this.#message;
    if (message === null || this.#pending.length === 0) return false;
    const bytes = this.#take(Math.min(this.#pending.length, this.#remaining));
    this.#remaining -= bytes.length;
    message.bodyParts.push(bytes);
    this.#events.body(message, bytes);
    if (this.#remaining === 0) this.#finish(message);
    return true;
  }

  #readChunkSize(): boolean {
    const message = this.#message;
    const end = this.#pending.indexOf('\r\n');
    if (message === null || end < 0) return false;
    const line = this.#take(end + 2).toString('latin1', 0, end);
    const match = /^([0-9a-fA-F]{1,15})(?:;(.*))?$/s.exec(line);
    if (match?.[1] === undefined) return this.#fail(`a chunk size of ${JSON.stringify(line)}`);
    if (match[2] !== undefined) message.chunkExtensions.push(match[2]);
    const size = Number.parseInt(match[1], 16);
    this.#remaining = size;
    this.#state = size === 0 ? 'trailers' : 'chunk-data';
    if (size > 0) message.chunkBytes.push(size);
    return true;
  }

  #readChunkData(): boolean {
    const message = this.#message;
    if (message === null || this.#pending.length === 0) return false;
    if (this.#remaining > 0) {
      const bytes = this.#take(Math.min(this.#pending.length, this.#remaining));
      this.#remaining -= bytes.length;
      message.bodyParts.push(bytes);
      this.#events.body(message, bytes);
      return true;
    }
    if (this.#pending.length < 2) return false;
    if (this.#take(2).toString('latin1') !== '\r\n') {
      return this.#fail('a chunk longer than its size');
    }
    this.#state = 'chunk-size';
    return true;
  }

  #readTrailers(): boolean {
    const message = this.#message;
    if (message === null) return false;
    const bare = this.#pending.subarray(0, 2).toString('latin1') === '\r\n';
    const end = bare ? 0 : this.#pending.indexOf('\r\n\r\n');
    if (end < 0) return false;
    const section = this.#take(bare ? 2 : end + 4).toString('latin1', 0, end);
    const fields = readFields(section === '' ? [] : section.split('\r\n'));
    if (typeof fields === 'string') return this.#fail(`a trailer: ${fields}`);
    message.trailers = fields;
    this.#finish(message);
    return true;
  }

  #readTunnel(): boolean {
    if (this.#pending.length > 0) this.#events.tunnel(this.#take(this.#pending.length));
    return false;
  }

  #finish(message: MessageInProgress): void {
    message.complete = true;
    this.#message = null;
    this.#state = 'head';
    this.#events.end(message);
  }

  #fail(text: string): boolean {
    this.#state = 'broken';
    this.#events.problem(text);
    return false;
  }

  #take(byteCount: number): Buffer {
    const taken = this.#pending.subarray(0, byteCount);
    this.#pending = this.#pending.subarray(byteCount);
    return taken;
  }
}

/** How a request's body ends (RFC 9112 6.3). */
export function frameRequest(startLine: string, fields: FieldList): Framing | null {
  if (!/^\S+ .+ HTTP\/1\.[01]$/s.test(startLine)) return null;
  if (has(fields, 'transfer-encoding')) return 'chunked';
  return has(fields, 'content-length') ? 'length' : 'none';
}

/** How an answer's body ends, given the method it answers (RFC 9112 6.3). */
export function frameResponse(
  startLine: string,
  fields: FieldList,
  method: string,
): Framing | 'switch' | null {
  if (!/^HTTP\/1\.[01] \d{3}( |$)/.test(startLine)) return null;
  const status = Number(startLine.split(' ')[1]);
  if (status === 101) return 'switch';
  if (method === 'HEAD' || status < 200 || status === 204 || status === 304) return 'none';
  if (has(fields, 'transfer-encoding')) return 'chunked';
  return has(fields, 'content-length') ? 'length' : 'until-close';
}

function has(fields: FieldList, name: string): boolean {
  return fields.some(([candidate]) => candidate.toLowerCase() === name);
}

function contentLength(fields: FieldList): number | null {
  const values = fields.filter(([name]) => name.toLowerCase() === 'content-length');
  const value = values[0]?.[1] ?? '';
  return values.length === 1 && /^\d+$/.test(value) ? Number(value) : null;
}

/** The fields of the lines, or why they are none. */
function readFields(lines: readonly string[]): FieldList | string {
  const fields: [string, string][] = [];
  for (const line of lines) {
    const colon = line.indexOf(':');
    if (colon < 1) return `a line that is no field: ${JSON.stringify(line.slice(0, 80))}`;
    fields.push([line.slice(0, colon), line.slice(colon + 1).replace(/^[ \t]+|[ \t]+$/g, '')]);
  }
  return fields;
}
