/**
 * Requests out of an access log with one JSON object a line. There is no one such format: the names
 * that nginx configurations, Caddy, Traefik, Elastic's schema, Google's load balancers, pino and
 * Hopmark's own proxies use are known, each flat (`"http.request.method"`) or nested.
 */
import type { Field } from '../model/scenario.ts';
import type { RecordedRequest } from './recorded-request.ts';

const METHOD = names(
  'method request_method requestMethod RequestMethod http_method verb request.method req.method http.request.method httpRequest.requestMethod',
);
const TARGET = names(
  'target request_uri requestUri RequestPath uri url originalUrl path request.uri request.url req.url url.original url.path httpRequest.requestUrl',
);
const QUERY = names('query query_string queryString args url.query');
const STATUS = names(
  'status status_code statusCode response_code DownstreamStatus OriginStatus response.status res.statusCode http.response.status_code httpRequest.status',
);
const ANSWER_BYTES = names(
  'body_bytes_sent responseBytes response_size responseSize bytes_sent size bytes DownstreamContentSize response.size http.response.body.bytes httpRequest.responseSize',
);
const REQUEST_BYTES = names(
  'requestBytes request_body_bytes bytes_read RequestContentSize http.request.body.bytes',
);
const HOST = names('host http_host RequestHost server_name request.host url.domain');
const AGENT = names(
  'http_user_agent user_agent userAgent request_User-Agent user_agent.original httpRequest.userAgent',
);
const REFERER = names(
  'http_referer referer referrer request_Referer http.request.referrer httpRequest.referer',
);
const HEADERS = names('requestHeaders request.headers req.headers headers');
const ANSWER_HEADERS = names('responseHeaders resp_headers response.headers res.headers');
/** `GET / HTTP/1.1` in one text. */
const LINE = names('request request_line');

function names(list: string): readonly string[] {
  return list.split(' ');
}

/** The request of a line, or null if it is none of these. */
export function readJsonLine(line: string): RecordedRequest | null {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return null;
  }
  const [, lineMethod, lineTarget] = /^(\S+) (\S+) HTTP\/\d/.exec(text(value, LINE) ?? '') ?? [];
  const method = text(value, METHOD) ?? lineMethod;
  const path = text(value, TARGET) ?? lineTarget;
  const status = count(value, STATUS);
  if (method === undefined || path === undefined || status === null) return null;
  return {
    method,
    target: withQuery(path, text(value, QUERY)),
    host: text(value, HOST) ?? null,
    fields: requestFields(value),
    bodyBytes: count(value, REQUEST_BYTES) ?? 0,
    status,
    answerFields: fieldsOf(find(value, ANSWER_HEADERS)),
    answerBytes: count(value, ANSWER_BYTES) ?? 0,
  };
}

/** The keys of a line's object, for a message about a format that is not known. */
export function keysOfJsonLine(line: string): readonly string[] {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? Object.keys(value) : [];
  } catch {
    return [];
  }
}

function withQuery(path: string, query: string | undefined): string {
  if (query === undefined || query === '' || query === '-' || path.includes('?')) return path;
  return `${path}?${query.replace(/^\?/, '')}`;
}

function requestFields(value: unknown): readonly Field[] {
  const given = fieldsOf(find(value, HEADERS));
  if (given.length > 0) return given;
  const fields: Field[] = [];
  for (const [name, at] of [
    ['User-Agent', AGENT],
    ['Referer', REFERER],
  ] as const) {
    const found = text(value, at);
    if (found !== undefined && found !== '' && found !== '-') fields.push([name, found]);
  }
  return fields;
}

/** Pairs, `{name, value}` objects, or an object whose values are texts or lists of them. */
function fieldsOf(value: unknown): readonly Field[] {
  if (Array.isArray(value)) {
    return value.flatMap((item: unknown): Field[] => {
      const [name, content] = Array.isArray(item)
        ? item
        : [at(item, 'name') ?? null, at(item, 'value') ?? null];
      return typeof name === 'string' && typeof content === 'string' ? [[name, content]] : [];
    });
  }
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, content]: [string, unknown]): Field[] =>
    (Array.isArray(content) ? content : [content]).flatMap((one: unknown): Field[] =>
      typeof one === 'string' ? [[name, one]] : [],
    ),
  );
}

function text(value: unknown, paths: readonly string[]): string | undefined {
  for (const path of paths) {
    const found = findPath(value, path);
    if (typeof found === 'string') return found;
  }
  return undefined;
}

/** A whole number of 0 or more, also as a text. */
function count(value: unknown, paths: readonly string[]): number | null {
  for (const path of paths) {
    const found = findPath(value, path);
    const number = typeof found === 'string' && /^\d{1,15}$/.test(found) ? Number(found) : found;
    if (typeof number === 'number' && Number.isInteger(number) && number >= 0) return number;
  }
  return null;
}

function find(value: unknown, paths: readonly string[]): unknown {
  for (const path of paths) {
    const found = findPath(value, path);
    if (typeof found === 'object' && found !== null) return found;
  }
  return undefined;
}

/** By the name as it stands, or step by step. */
function findPath(value: unknown, path: string): unknown {
  const flat = at(value, path);
  if (flat !== undefined || !path.includes('.')) return flat;
  return path.split('.').reduce<unknown>(at, value);
}

function at(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key)
    ? Reflect.get(value, key)
    : undefined;
}
