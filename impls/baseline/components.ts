/**
 * The original's operations one by one, as `exchange.ts` puts them together. Two ends of them are
 * not the original's own and cannot be called by themselves: Node's parser, which makes a request's
 * head into a list of strings, and undici's writer, which makes one into bytes. Plain splits and
 * joins stand in for them, which cost about as much. There is no pool here, so a buffer that is
 * given back is let go.
 */
import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import type {
  BodyReader,
  BodyReading,
  HeadFilter,
  ProxyComponents,
  RequestDecider,
  RequestDecision,
} from '../contract.ts';
import type { Policy } from '../policy/policy.ts';
import { collectBody } from './collect-body.ts';
import { Configuration, type Snapshot } from './configuration.ts';
import { fieldsToUpstream, type Peer } from './forwarded-fields.ts';
import { checkHead, type ParsedHead, type RequestHead } from './request-checks.ts';
import {
  anyFound,
  type RequestSubject,
  type Selection,
  selectForRequest,
  windowText,
} from './rules.ts';

/** Operations that share nothing with those of another call. */
export function createComponents(): ProxyComponents {
  return {
    matcher: (patterns) => ({ matches: (subject) => anyFound(patterns, subject) }),
    headFilter: (policy, address) => new CopyingFilter(policy, { address, protocol: 'http' }),
    buffers: () => ({ take: (bytes) => Buffer.allocUnsafe(bytes), give: () => {} }),
    decider: (policy) => new LockedDecider(policy),
    bodyReader: (policy) => new CollectingReader(policy),
  };
}

class CopyingFilter implements HeadFilter {
  readonly #peer: Peer;
  readonly #snapshot: Snapshot;

  constructor(policy: Policy, peer: Peer) {
    this.#peer = peer;
    this.#snapshot = new Configuration(policy).current;
  }

  filter(bytes: Buffer): Buffer {
    const head = readHead(bytes, this.#snapshot.policy);
    const fields = fieldsToUpstream(head, this.#peer, this.#snapshot).flat();
    let text = `${head.method} ${head.originTarget} HTTP/1.1\r\n`;
    for (let i = 0; i < fields.length; i += 2) text += `${fields[i]}: ${fields[i + 1]}\r\n`;
    if (head.framing === 'length') text += `content-length: ${head.lengthBytes}\r\n`;
    if (head.framing === 'chunked') text += 'transfer-encoding: chunked\r\n';
    return Buffer.from(`${text}\r\n`, 'latin1');
  }
}

class LockedDecider implements RequestDecider {
  readonly #configuration: Configuration;

  constructor(policy: Policy) {
    this.#configuration = new Configuration(policy);
  }

  request(bytes: Buffer): () => Promise<RequestDecision> {
    const { method, target, valuesByName } = readHead(bytes, this.#configuration.policy);
    const subject: RequestSubject = { method, target, valuesByName, bodyText: '' };
    return () => this.#decide(subject);
  }

  reload(policy: Policy): Promise<void> {
    return this.#configuration.replace(policy);
  }

  async #decide(subject: RequestSubject): Promise<RequestDecision> {
    const snapshot = await this.#configuration.snapshot();
    const drops = await this.#configuration.read(snapshot, (policy) => policy.drop);
    const drop = selectForRequest(drops, subject);
    const loggings = await this.#configuration.read(snapshot, (policy) => policy.logging);
    return { drop: nameOf(drop), logging: nameOf(selectForRequest(loggings, subject)) };
  }
}

class CollectingReader implements BodyReader {
  readonly #policy: Policy;
  /** Never connected: the pieces are pushed where Node's parser would push them. */
  readonly #socket = new Socket();

  constructor(policy: Policy) {
    this.#policy = policy;
  }

  async read(pieces: readonly Buffer[], wantsText: boolean): Promise<BodyReading> {
    const { limits } = this.#policy;
    const request = new IncomingMessage(this.#socket);
    const { promise: unbroken } = Promise.withResolvers<never>();
    const collecting = collectBody(request, limits, unbroken);
    for (const piece of pieces) request.push(piece);
    request.complete = true;
    request.push(null);
    const collected = await collecting;
    if (collected.state !== 'whole') throw new Error(`the body was ${collected.state}`);
    // Made whether a rule asks for it or not.
    const text = windowText(collected.body, limits.bodyMatchBytes);
    return { length: collected.body.length, text: wantsText ? text : null };
  }
}

function readHead(bytes: Buffer, policy: Policy): RequestHead {
  const head = checkHead(parse(bytes), policy.limits);
  if ('statusCode' in head) throw new Error(`the head is refused: ${head.message}`);
  return head;
}

/** A well-formed head as Node's parser gives it. */
function parse(bytes: Buffer): ParsedHead {
  const lines = bytes.toString('latin1', 0, bytes.length - 4).split('\r\n');
  const [method = '', url = '', version = ''] = (lines[0] ?? '').split(' ');
  const rawHeaders: string[] = [];
  for (let i = 1; i < lines.length; i += 1) {
    const line = lines[i] ?? '';
    const colon = line.indexOf(':');
    rawHeaders.push(line.slice(0, colon), fieldValue(line, colon + 1));
  }
  return { method, url, httpVersion: version.slice('HTTP/'.length), rawHeaders };
}

/** From an offset on, without the blanks around it; `trim` would take more than blanks. */
function fieldValue(line: string, offset: number): string {
  let from = offset;
  let to = line.length;
  while (from < to && isBlank(line.charCodeAt(from))) from += 1;
  while (to > from && isBlank(line.charCodeAt(to - 1))) to -= 1;
  return line.slice(from, to);
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09;
}

function nameOf(selection: Selection<{ readonly name: string }>): string | null {
  return selection.kind === 'rule' ? selection.rule.name : null;
}
