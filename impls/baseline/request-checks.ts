/**
 * What a request's head must be before it is served: the checks of docs/proxy-behaviour.md that
 * `node:http` leaves out, made on `rawHeaders`. Control bytes, folded lines, malformed names,
 * Content-Length beside Transfer-Encoding and the like never get here: Node's parser refuses them
 * (`parse-errors.ts`).
 */
import { type IncomingMessage, METHODS } from 'node:http';
import type { Limits } from '../policy/policy.ts';
import type { Refusal } from './answers.ts';
import { byName, type Field, toFields } from './fields.ts';

/** A head that may be served. */
export interface RequestHead {
  readonly method: string;
  /** As received. */
  readonly target: string;
  /** In origin-form, or `*`. */
  readonly originTarget: string;
  readonly version: '1.0' | '1.1';
  readonly fields: readonly Field[];
  readonly valuesByName: ReadonlyMap<string, readonly string[]>;
  /** As received, or null (HTTP/1.0). */
  readonly host: string | null;
  readonly framing: 'none' | 'length' | 'chunked';
  /** The body's length, where `framing` is `length`; 0 otherwise. */
  readonly lengthBytes: number;
  readonly expectsContinue: boolean;
  /** Hops that a TRACE or an OPTIONS may still go, null where they are not counted. */
  readonly maxForwards: number | null;
  /** Why the request is not served although its head is well-formed. */
  readonly refusal: Refusal | null;
}

/** What of Node's message is looked at. */
export type ParsedHead = Pick<IncomingMessage, 'httpVersion' | 'method' | 'rawHeaders' | 'url'>;

/** Reads a head, or says why it is refused. */
export function checkHead(request: ParsedHead, limits: Limits): RequestHead | Refusal {
  const fields = toFields(request.rawHeaders);
  const valuesByName = byName(fields);
  const method = request.method ?? '';
  const target = request.url ?? '';
  const version = request.httpVersion;
  if (version !== '1.0' && version !== '1.1') return bad('the HTTP version is not 1.0 or 1.1');
  // Node's parser also reads RTSP and ICE, under the version numbers of HTTP.
  if (!METHODS.includes(method) || method === 'SOURCE') return bad('not a method of HTTP');
  if (method === 'CONNECT') return refuse(405, 'connect-refused', 'CONNECT is not served here');

  const tooLarge = checkSizes(method, target, fields, limits);
  if (tooLarge !== null) return tooLarge;
  const origin = checkTarget(method, target);
  if ('statusCode' in origin) return origin;
  const host = checkHost(valuesByName.get('host') ?? [], origin.authority, version);
  if (typeof host !== 'string' && host !== null) return host;
  const framing = checkFraming(valuesByName, version);
  if ('statusCode' in framing) return framing;
  const maxForwards = checkMaxForwards(method, valuesByName.get('max-forwards') ?? []);
  if (typeof maxForwards === 'object' && maxForwards !== null) return maxForwards;
  const expect = valuesByName.get('expect');
  return {
    method,
    target,
    originTarget: origin.target,
    version,
    fields,
    valuesByName,
    host,
    ...framing,
    expectsContinue: expect !== undefined && version === '1.1',
    maxForwards,
    refusal: checkService({ ...framing, maxForwards, target: origin.target }, expect ?? [], limits),
  };
}

function checkService(
  { lengthBytes, maxForwards, target }: Pick<RequestHead, 'lengthBytes' | 'maxForwards' | 'target'>,
  expect: readonly string[],
  limits: Limits,
): Refusal | null {
  if (lengthBytes > limits.bodyBytes) {
    return refuse(413, 'body-too-large', 'the body is larger than this proxy takes');
  }
  if (expect.some((value) => value.toLowerCase() !== '100-continue')) {
    return refuse(417, 'bad-expectation', 'only Expect: 100-continue is understood');
  }
  // undici sends no target but a path: see skips.ts.
  return target === '*' && maxForwards !== 0
    ? refuse(501, 'not-implemented', 'OPTIONS * cannot be forwarded')
    : null;
}

function checkSizes(
  method: string,
  target: string,
  fields: readonly Field[],
  limits: Limits,
): Refusal | null {
  if (target.length > limits.targetBytes) {
    return refuse(414, 'target-too-long', 'the target is longer than this proxy takes');
  }
  if (fields.length > limits.headerCount) {
    return refuse(431, 'head-too-large', 'there are more header fields than this proxy takes');
  }
  let bytes = method.length + target.length + '  HTTP/1.1\r\n\r\n'.length;
  for (const [name, value] of fields) bytes += name.length + value.length + ': \r\n'.length;
  if (bytes > limits.headBytes) {
    return refuse(431, 'head-too-large', 'the head is larger than this proxy takes');
  }
  return null;
}

const ABSOLUTE_FORM = /^(https?):\/\/([^/?]*)(.*)$/i;

function checkTarget(
  method: string,
  target: string,
): { readonly target: string; readonly authority: string | null } | Refusal {
  if (/[\x00-\x20\x7f#]/.test(target)) return bad('the target has a character it cannot have');
  if (target === '*') {
    return method === 'OPTIONS'
      ? { target, authority: null }
      : bad('only OPTIONS has the target *');
  }
  if (target.startsWith('/')) return { target, authority: null };
  const parts = ABSOLUTE_FORM.exec(target);
  if (parts === null) return bad('the target is neither a path nor an http URL');
  const [, scheme = '', authority = '', rest = ''] = parts;
  if (!isHost(authority) || authority === '') return bad('the target has no valid authority');
  return {
    target: rest.startsWith('/') ? rest : `/${rest}`,
    authority: comparable(authority, scheme.toLowerCase()),
  };
}

/** RFC 3986 3.2.2 and 3.2.3, without user information. */
function isHost(value: string): boolean {
  return /^(?:\[[0-9a-f:.]{2,45}\]|(?:[a-z0-9._~!$&'()*+,;=-]|%[0-9a-f]{2})*)(?::[0-9]{0,5})?$/i.test(
    value,
  );
}

function comparable(authority: string, scheme: string): string {
  return authority.toLowerCase().replace(scheme === 'https' ? /:(?:443)?$/ : /:(?:80)?$/, '');
}

function checkHost(
  hosts: readonly string[],
  authority: string | null,
  version: string,
): string | null | Refusal {
  const [host] = hosts;
  if (hosts.length > 1) return bad('there is more than one Host');
  if (host === undefined) return version === '1.0' ? null : bad('there is no Host');
  if (!isHost(host) || /^:/.test(host)) return bad('the Host is not valid');
  if (authority !== null) {
    const same = [comparable(host, 'http'), comparable(host, 'https')].includes(authority);
    if (host === '' || !same) return bad('the Host differs from the authority in the target');
  }
  return host;
}

function checkFraming(
  values: ReadonlyMap<string, readonly string[]>,
  version: string,
): Pick<RequestHead, 'framing' | 'lengthBytes'> | Refusal {
  const lengths = values.get('content-length');
  const codings = values.get('transfer-encoding');
  if (codings !== undefined) {
    if (version === '1.0') return bad('HTTP/1.0 has no Transfer-Encoding');
    if (lengths !== undefined) return bad('Content-Length beside Transfer-Encoding');
    if (codings.length !== 1 || codings[0]?.toLowerCase() !== 'chunked') {
      return bad('the Transfer-Encoding is not chunked alone');
    }
    return { framing: 'chunked', lengthBytes: 0 };
  }
  if (lengths === undefined) return { framing: 'none', lengthBytes: 0 };
  const [length = ''] = lengths;
  if (lengths.length !== 1 || !/^[0-9]{1,15}$/.test(length))
    return bad('a malformed Content-Length');
  return { framing: 'length', lengthBytes: Number(length) };
}

/** The most hops that are told on. */
const MOST_FORWARDS = 999_999_999;

/** RFC 9110 7.6.2. Other methods have no such count, whatever their fields say. */
function checkMaxForwards(method: string, values: readonly string[]): number | null | Refusal {
  const [value] = values;
  if (value === undefined || (method !== 'TRACE' && method !== 'OPTIONS')) return null;
  if (values.length > 1 || !/^[0-9]+$/.test(value)) return bad('a malformed Max-Forwards');
  return Math.min(Number(value), MOST_FORWARDS);
}

function bad(message: string): Refusal {
  return refuse(400, 'bad-request', message);
}

function refuse(statusCode: number, kind: string, message: string): Refusal {
  return { statusCode, kind, message };
}
