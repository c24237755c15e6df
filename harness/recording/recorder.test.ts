import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createPolicy } from '../../impls/policy/load.ts';
import { scenarioSchema } from '../model/scenario-schema.ts';
import { droppedBy } from './dropped-by-policy.ts';
import { type RecordedFile, type RecordOptions, recordFile } from './record-file.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hopmark-recording-'));
});
afterAll(() => rm(folder, { recursive: true }));

const line = (request: string, rest = '200 5 "-" "B"'): string =>
  `h - - [d] "${request} HTTP/1.1" ${rest}`;

async function record(
  name: string,
  content: string | Uint8Array,
  options: Partial<RecordOptions> = {},
): Promise<RecordedFile> {
  const path = join(folder, name);
  await writeFile(path, content);
  return recordFile(path, {
    limit: 1000,
    mostBodyBytes: 1_048_576,
    isDropped: () => false,
    signal: new AbortController().signal,
    onProgress: () => {},
    ...options,
  });
}

const log = (...lines: readonly string[]): string => `${lines.join('\n')}\n`;

describe('a recorded scenario', () => {
  test('keeps requests in their order, equal ones once, and is a valid scenario', async () => {
    const { scenario, summary, format } = await record(
      'Shop Access.log',
      log(line('GET /a'), line('GET /b', '404 0 "-" "B"'), line('GET /a'), line('HEAD /a')),
    );
    expect(format).toBe('combined');
    expect(scenarioSchema.parse(scenario)).toEqual(scenario);
    expect(scenario).toMatchObject({ name: 'shop-access', host: 'www.example.com' });
    expect(scenario.order).toEqual([0, 1, 0, 2]);
    expect(scenario.exchanges[1]).toEqual({
      method: 'GET',
      target: '/b',
      fields: [['User-Agent', 'B']],
      bodyBytes: 0,
      answer: { status: 404, fields: [], bodyBytes: 0 },
    });
    expect(summary).toMatchObject({
      requests: 4,
      distinct: 3,
      methods: { GET: 3, HEAD: 1 },
      statuses: { 200: 3, 404: 1 },
    });
  });

  test('keeps one target with different answers apart', async () => {
    const { scenario } = await record(
      'a.log',
      log(line('GET /a'), line('GET /a', '304 0 "-" "B"'), line('GET /a', '200 6 "-" "B"')),
    );
    expect(scenario.exchanges.map(({ answer }) => [answer.status, answer.bodyBytes])).toEqual([
      [200, 5],
      [304, 0],
      [200, 6],
    ]);
  });

  test('leaves out what cannot be sent, by reason, and shows what cannot be read', async () => {
    const { summary } = await record(
      'mixed.log',
      log(
        line('GET /kept'),
        line('CONNECT h:443'),
        line('GET /ws', '101 0 "-" "B"'),
        line('OPTIONS *'),
        line('GET ftp://h/file'),
        line('GET /caf\\xe9'),
        line(`GET /${'l'.repeat(9000)}`),
        'no request at all',
        `h - - [d] "\u0007${'z'.repeat(100)}`,
      ),
    );
    expect(summary.requests).toBe(1);
    expect(summary.skipped).toEqual({
      'a tunnel (CONNECT)': 1,
      'an upgrade or an interim answer': 1,
      'a target that is no path, such as *': 1,
      'no http or https URL': 1,
      'a method, target or field that HTTP does not allow': 1,
      'longer than servers take': 1,
    });
    expect(summary.unreadable).toEqual({
      count: 2,
      examples: [
        { number: 8, beginning: 'no request at all' },
        { number: 9, beginning: `h - - [d] "\\u0007${'z'.repeat(48)}...` },
      ],
    });
  });

  test('shows three unreadable lines at the most, and counts all', async () => {
    const junk = Array.from({ length: 50 }, (_, at) => `junk ${at}`);
    const { summary } = await record('junk.log', log(line('GET /a'), ...junk));
    expect(summary.unreadable.count).toBe(50);
    expect(summary.unreadable.examples).toHaveLength(3);
  });

  test('stops at its limit and says so', async () => {
    const lines = Array.from({ length: 30 }, (_, at) => line(`GET /${at}`));
    const { summary } = await record('long.log', log(...lines), { limit: 10 });
    expect(summary).toMatchObject({ requests: 10, limited: true });
    expect((await record('long.log', log(...lines), { limit: 30 })).summary.limited).toBe(false);
  });

  test('shortens bodies beyond the bound, and HEAD and 304 have none', async () => {
    const { scenario, summary } = await record(
      'big.log',
      log(
        line('GET /big', '200 9999 "-" "B"'),
        line('HEAD /big', '200 9999 "-" "B"'),
        line('GET /old', '304 9999 "-" "B"'),
      ),
      { mostBodyBytes: 1000 },
    );
    expect(scenario.exchanges.map(({ answer }) => answer.bodyBytes)).toEqual([1000, 0, 0]);
    expect(summary.cutBodies).toBe(1);
  });
});

test('what the policy of later runs drops is left out', async () => {
  const isDropped = droppedBy(
    createPolicy({
      upstream: 'http://127.0.0.1:9',
      drop: {
        rules: [
          { name: 'probes', match: { path: { patterns: ['^/wp-admin/'] } } },
          { name: 'bots', match: { headers: { 'User-Agent': 'scanner' } } },
          { name: 'bodies', match: { body: { patterns: ['x'] } } },
          { name: 'trace', match: { methods: ['TRACE'] } },
        ],
      },
    }),
  );
  const { scenario, summary } = await record(
    'probed.log',
    log(
      line('GET /kept'),
      line('GET /%77p-admin/setup'),
      line('GET /a', '200 5 "-" "a scanner"'),
      line('TRACE /a'),
      line('POST /kept'),
    ),
    { isDropped },
  );
  expect(scenario.exchanges.map(({ method, target }) => `${method} ${target}`)).toEqual([
    'GET /kept',
    'POST /kept',
  ]);
  expect(summary.skipped).toEqual({ 'the policy drops it': 3 });
});

describe('secrets', () => {
  const header = (name: string, value: string): object => ({ name, value });
  const har = (url: string, headers: readonly object[], answer: readonly object[] = []): string =>
    JSON.stringify({
      log: {
        entries: [
          {
            request: { method: 'GET', url, headers, bodySize: 0 },
            response: { status: 200, headers: answer, bodySize: 3 },
          },
        ],
      },
    });

  test('in fields are replaced by as many letters, in requests and answers', async () => {
    const secret = 'hunter2hunter2';
    const { scenario, summary } = await record(
      'secret.har',
      har(
        'https://www.example.com/',
        [
          header('Cookie', `id=${secret}`),
          header('AUTHORIZATION', `Basic ${secret}`),
          header('X-Api-Key', secret),
          header('X-Shop-Session', secret),
          header('Accept', '*/*'),
        ],
        [header('Set-Cookie', `id=${secret}`), header('Access-Control-Allow-Credentials', 'true')],
      ),
    );
    expect(JSON.stringify(scenario)).not.toContain(secret);
    const [exchange] = scenario.exchanges;
    expect(exchange?.fields).toContainEqual(['Cookie', 'x'.repeat(17)]);
    expect(exchange?.fields).toContainEqual(['Accept', '*/*']);
    expect(exchange?.answer.fields).toContainEqual(['Access-Control-Allow-Credentials', 'true']);
    expect(summary.redacted.fields).toBe(5);
  });

  test('in queries are replaced, in targets and in URLs that fields hold', async () => {
    const { scenario, summary } = await record(
      'query.har',
      har('https://ann:pw1@www.example.com/a?q=1&token=s3cret&my_password=s3cret', [
        header('Referer', 'https://bob:pw2@www.example.com/?session=s3cret&page=2'),
      ]),
    );
    const text = JSON.stringify(scenario);
    for (const secret of ['s3cret', 'pw1', 'pw2']) expect(text).not.toContain(secret);
    expect(scenario.exchanges[0]?.target).toBe('/a?q=1&token=[redacted]&my_password=[redacted]');
    expect(text).toContain('&page=2');
    expect(summary.redacted.queryValues).toBe(2);
  });

  test('fields of the connection and of HTTP/2 are left out', async () => {
    const { scenario } = await record(
      'h2.har',
      har('https://www.example.com/', [
        header(':authority', 'www.example.com'),
        header('Host', 'www.example.com'),
        header('Connection', 'close'),
        header('Content-Length', '0'),
        header('Expect', '100-continue'),
        header('X-Odd', 'caf\u00e9\u0007'),
      ]),
    );
    expect(scenario.exchanges[0]?.fields).toEqual([['X-Odd', 'caf??']]);
    expect(scenarioSchema.parse(scenario)).toEqual(scenario);
  });
});

describe('hosts', () => {
  const har = JSON.stringify({
    log: {
      entries: [
        'https://www.shop.example/',
        'https://cdn.shop.example/a.css',
        'https://cdn.shop.example:443/b.css',
        'http://ads.example:8080/',
      ].map((url) => ({
        request: { method: 'GET', url, headers: [], bodySize: 0 },
        response: { status: 200, headers: [], bodySize: 1 },
      })),
    },
  });

  test('the one with most requests is kept, and the others are counted', async () => {
    const { scenario, summary } = await record('shop.har', har);
    expect(scenario.host).toBe('cdn.shop.example');
    expect(scenario.exchanges.map(({ target }) => target)).toEqual(['/a.css', '/b.css']);
    expect(summary.hosts).toEqual({
      kept: { 'cdn.shop.example': 2 },
      leftOut: { 'www.shop.example': 1, 'ads.example:8080': 1 },
    });
  });

  test('others can be asked for, or all, each request with its own', async () => {
    const some = await record('shop.har', har, { hosts: ['WWW.shop.example'] });
    expect(some.scenario).toMatchObject({ host: 'www.shop.example', order: [0] });
    const { scenario } = await record('shop.har', har, { hosts: ['all'] });
    expect(scenario.exchanges.map(({ host }) => host ?? scenario.host)).toEqual([
      'www.shop.example',
      'cdn.shop.example',
      'cdn.shop.example',
      'ads.example:8080',
    ]);
    expect(scenarioSchema.parse(scenario)).toEqual(scenario);
  });

  test('one that is not there is refused with those that are', async () => {
    await expect(record('shop.har', har, { hosts: ['nowhere.example'] })).rejects.toMatchObject({
      code: 'unknown-host',
      remedy: expect.stringContaining('cdn.shop.example (2)'),
    });
  });
});

describe('what is no recording is refused, and says what it is', () => {
  test.each([
    ['empty.log', '', 'unknown-format', /is empty/],
    ['packed.log.gz', gzipSync('x'), 'unknown-format', /is compressed/],
    ['prose.txt', 'Once upon a time\nthere was a log.\n', 'unknown-format', /no line .* common/],
    ['other.json', '{"pages":[]}\n', 'unknown-format', /keys are pages/],
    ['other.har', '{\n  "pages": []\n}', 'not-a-har', /no log\.entries/],
    ['torn.har', '{"log":{"entries":[{"a":', 'truncated-recording', /breaks off/],
    ['none.har', '{"log":{"entries":[]}}', 'unknown-format', /without an entry/],
    ['only.log', line('CONNECT h:443'), 'nothing-recorded', /no request/],
  ])('%s', async (name, content, code, message) => {
    await expect(record(name, content)).rejects.toMatchObject({
      code,
      side: 'user',
      message: expect.stringMatching(message),
    });
  });

  test('a file that is not there, and a folder', async () => {
    const options = {
      limit: 1,
      mostBodyBytes: 1,
      isDropped: () => false,
      signal: new AbortController().signal,
      onProgress: () => {},
    };
    for (const path of [join(folder, 'nowhere.log'), folder]) {
      await expect(recordFile(path, options)).rejects.toMatchObject({
        code: 'recording-unreadable',
      });
    }
  });
});

test('an interruption ends the reading', async () => {
  const controller = new AbortController();
  const path = join(folder, 'huge.log');
  await writeFile(path, log(...Array.from({ length: 20_000 }, (_, at) => line(`GET /${at}`))));
  const reading = recordFile(path, {
    limit: 60_000,
    mostBodyBytes: 1,
    isDropped: () => false,
    signal: controller.signal,
    onProgress: () => controller.abort(),
  });
  await expect(reading).rejects.toMatchObject({ name: 'AbortError' });
});
