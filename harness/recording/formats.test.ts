import { Buffer } from 'node:buffer';
import { describe, expect, test } from 'vitest';
import { readCombinedLine } from './combined-log.ts';
import { readHar } from './har.ts';
import { readJsonLine } from './json-log.ts';
import { MOST_LINE_BYTES, readLines } from './lines.ts';
import type { RecordedItem } from './recorded-request.ts';

async function* chunksOf(...texts: readonly string[]): AsyncGenerator<Buffer> {
  for (const text of texts) yield Buffer.from(text);
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

describe('a line of an access log', () => {
  test('in the combined format', () => {
    const line =
      '192.0.2.7 - ann [02/Nov/2026:10:00:00 +0000] "POST /forms/9?a=b HTTP/1.1" 303 17 "https://www.example.com/forms" "Browser/1.0 (\\"quoted\\")"';
    expect(readCombinedLine(line)).toEqual({
      method: 'POST',
      target: '/forms/9?a=b',
      host: null,
      fields: [
        ['User-Agent', 'Browser/1.0 ("quoted")'],
        ['Referer', 'https://www.example.com/forms'],
      ],
      bodyBytes: 0,
      status: 303,
      answerFields: [],
      answerBytes: 17,
    });
  });

  test.each([
    ['in the common format', 'h - - [d] "GET /x HTTP/1.0" 200 5', { target: '/x', answerBytes: 5 }],
    [
      'without a size',
      'h - - [d] "GET /x HTTP/1.1" 304 - "-" "-"',
      { status: 304, answerBytes: 0, fields: [] },
    ],
    [
      'with a host before and times after',
      'www.example.com:80 h - - [d] "GET /x HTTP/1.1" 200 5 "-" "B" 0.004 "-" extra',
      { fields: [['User-Agent', 'B']] },
    ],
    [
      'with a user name of several words',
      'h - John Doe [d] "GET /x HTTP/1.1" 200 5 "-" "B"',
      { status: 200 },
    ],
    [
      'with escaped bytes',
      'h - - [d] "GET /x?q=\\x22\\x7c HTTP/1.1" 200 5 "-" "a\\\\b"',
      { target: '/x?q="|', fields: [['User-Agent', 'a\\b']] },
    ],
    ['of HTTP/2', 'h - - [d] "GET /x HTTP/2.0" 200 5 "-" "B"', { target: '/x' }],
  ])('%s', (_, line, expected) => {
    expect(readCombinedLine(line)).toMatchObject(expected);
  });

  test.each([
    ['that broke off in its user agent', 'h - - [d] "GET /x HTTP/1.1" 200 5 "-" "Mozil'],
    ['that broke off in its request', 'h - - [d] "GET /x HT'],
    ['whose request is no HTTP', 'h - - [d] "\\x16\\x03\\x01" 400 150 "-" "-"'],
    ['without a request', 'h - - [d] "-" 408 - "-" "-"'],
    ['that is something else', 'Nov 2 10:00:00 host daemon[1]: started'],
    ['that is empty', ''],
  ])('%s is none', (_, line) => {
    expect(readCombinedLine(line)).toBeNull();
  });

  test('that is hostile is refused without searching for long (a search that explodes would time out)', () => {
    for (const line of [
      'a ['.repeat(20_000),
      `h [d] "${'\\'.repeat(60_000)}`,
      `h [d] "GET / HTTP/1.1" 200 5 "${'"x"'.repeat(20_000)}`,
    ]) {
      expect(readCombinedLine(line)).toBeNull();
    }
  });
});

describe('a JSON line', () => {
  test.each([
    [
      'of an nginx configuration',
      {
        time: 'now',
        request_method: 'GET',
        request_uri: '/a?b=1',
        status: '200',
        body_bytes_sent: '512',
        http_user_agent: 'B',
        http_referer: '-',
        host: 'www.example.com',
      },
      {
        method: 'GET',
        target: '/a?b=1',
        status: 200,
        answerBytes: 512,
        host: 'www.example.com',
        fields: [['User-Agent', 'B']],
      },
    ],
    [
      'with the request line in one text',
      { request: 'PUT /p HTTP/1.1', status: 204, bytes: 0 },
      { method: 'PUT', target: '/p', status: 204 },
    ],
    [
      'of Caddy',
      {
        request: {
          method: 'GET',
          uri: '/c',
          host: 'c.example',
          headers: { Accept: ['a', 'b'], 'User-Agent': ['B'] },
        },
        status: 200,
        size: 9,
        resp_headers: { 'Content-Type': ['text/plain'] },
      },
      {
        target: '/c',
        host: 'c.example',
        answerBytes: 9,
        fields: [
          ['Accept', 'a'],
          ['Accept', 'b'],
          ['User-Agent', 'B'],
        ],
        answerFields: [['Content-Type', 'text/plain']],
      },
    ],
    [
      'of Traefik',
      {
        RequestMethod: 'GET',
        RequestPath: '/t',
        DownstreamStatus: 404,
        DownstreamContentSize: 3,
        RequestContentSize: 2,
      },
      { target: '/t', status: 404, answerBytes: 3, bodyBytes: 2 },
    ],
    [
      "in Elastic's schema, flat",
      {
        'http.request.method': 'GET',
        'url.path': '/e',
        'url.query': 'x=1',
        'http.response.status_code': 200,
        'http.response.body.bytes': 4,
        'user_agent.original': 'B',
      },
      { target: '/e?x=1', answerBytes: 4, fields: [['User-Agent', 'B']] },
    ],
    [
      "in Elastic's schema, nested",
      {
        http: { request: { method: 'GET' }, response: { status_code: 200 } },
        url: { original: '/n' },
      },
      { target: '/n', status: 200 },
    ],
    [
      'of pino',
      { req: { method: 'GET', url: '/p', headers: { accept: '*/*' } }, res: { statusCode: 200 } },
      { target: '/p', fields: [['accept', '*/*']] },
    ],
    [
      "of Hopmark's own proxies",
      {
        time: 'now',
        method: 'POST',
        target: '/h',
        status: 201,
        requestBytes: 7,
        responseBytes: 8,
        requestHeaders: [
          ['A', '1'],
          ['A', '2'],
        ],
        responseHeaders: [['B', '3']],
      },
      {
        target: '/h',
        bodyBytes: 7,
        answerBytes: 8,
        fields: [
          ['A', '1'],
          ['A', '2'],
        ],
        answerFields: [['B', '3']],
      },
    ],
  ])('%s', (_, value, expected) => {
    expect(readJsonLine(JSON.stringify(value))).toMatchObject(expected);
  });

  test.each(['', '{', '[]', 'null', '{"a":1}', '{"method":"GET","url":"/"}', '"text"'])(
    '%j is none',
    (line) => {
      expect(readJsonLine(line)).toBeNull();
    },
  );

  test('names like __proto__ are data', () => {
    const line = '{"method":"GET","url":"/","status":200,"headers":{"__proto__":"x"}}';
    expect(readJsonLine(line)?.fields).toEqual([['__proto__', 'x']]);
  });
});

describe('lines', () => {
  test('come whole however the stream is cut, numbered, empty ones left out', async () => {
    const lines = await all(readLines(chunksOf('one\r', '\n\n', 'tw', 'o\nthr', 'ee')));
    expect(lines.map(({ number, text }) => [number, text])).toEqual([
      [1, 'one'],
      [3, 'two'],
      [4, 'three'],
    ]);
  });

  test('that are too long are told, and only their beginning is held', async () => {
    const lines = await all(readLines(chunksOf('x'.repeat(200_000), 'y'.repeat(200_000), '\nz\n')));
    expect(lines.map(({ text, tooLong }) => [text.length, tooLong])).toEqual([
      [MOST_LINE_BYTES, true],
      [1, false],
    ]);
  });
});

describe('a HAR file', () => {
  const entry = (request: object, response: object): object => ({
    startedDateTime: '2026-11-02T10:00:00Z',
    request: { method: 'GET', url: 'https://www.example.com/', headers: [], ...request },
    response: { status: 200, headers: [], ...response },
  });
  const read = (entries: readonly unknown[]): Promise<RecordedItem[]> =>
    all(readHar(chunksOf(JSON.stringify({ log: { entries } })), 'shop.har'));

  test('gives method, URL, fields, status and sizes', async () => {
    const items = await read([
      entry(
        {
          method: 'POST',
          url: 'https://www.example.com/cart?x=1',
          headers: [{ name: 'Accept', value: '*/*' }],
          bodySize: 31,
        },
        {
          status: 201,
          headers: [{ name: 'Content-Type', value: 'application/json' }],
          bodySize: 120,
          content: { size: 400, text: 'never looked at' },
        },
      ),
    ]);
    expect(items).toEqual([
      {
        request: {
          method: 'POST',
          target: 'https://www.example.com/cart?x=1',
          host: null,
          fields: [['Accept', '*/*']],
          bodyBytes: 31,
          status: 201,
          answerFields: [['Content-Type', 'application/json']],
          answerBytes: 120,
        },
      },
    ]);
  });

  const length = (value: string): object => ({ headers: [{ name: 'content-length', value }] });
  test.each([
    ['the size on the wire', { bodySize: 9, ...length('7'), content: { size: 5 } }, 9],
    ['Content-Length', { bodySize: -1, ...length('7'), content: { size: 5 } }, 7],
    ['Content-Length for a body from a cache', { bodySize: 0, ...length('7') }, 7],
    ['the unpacked size', { content: { size: 5 } }, 5],
    ['nothing', {}, 0],
  ])('the size of an answer is %s', async (_, response, bytes) => {
    const [item] = await read([entry({}, response)]);
    expect(item).toMatchObject({ request: { answerBytes: bytes } });
  });

  test('the size of a posted body that is too long to keep is known all the same', async () => {
    const postData = { mimeType: 'text/plain', text: 'y'.repeat(100_000) };
    const [item] = await read([entry({ method: 'POST', postData }, {})]);
    expect(item).toMatchObject({ request: { bodyBytes: 100_000 } });
  });

  test('entries that are none are counted with their number', async () => {
    const items = await read([entry({}, {}), { request: 'GET /' }, entry({}, { status: 'ok' })]);
    expect(items.map((item) => ('request' in item ? 'read' : item.unreadable.number))).toEqual([
      'read',
      2,
      3,
    ]);
  });

  test.each([
    ['{"pages":[]}', 'not-a-har', /no HAR file: it has no log\.entries/],
    ['{"log":{"entries":[{"request":', 'truncated-recording', /after 0 whole entries/],
  ])('%s is refused', async (text, code, message) => {
    await expect(all(readHar(chunksOf(text), 'shop.har'))).rejects.toMatchObject({
      code,
      side: 'user',
      message: expect.stringMatching(message),
    });
  });
});
