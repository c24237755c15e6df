/**
 * The scenarios of one exchange over and over: the smallest realistic one, answers of 1 to 16 KB, a
 * call between services, and a megabyte each way. They deliberately have no variety: caches are
 * always warm on them.
 */
import type { Field, FixedScenario } from '../model/scenario.ts';

const KB = 1024;
const MB = KB * KB;
const MADE_UP = { text: 'Made up; no recorded traffic.', licence: 'MIT' } as const;
const HOST = 'www.example.com';
const DATE: Field = ['Date', 'Mon, 02 Nov 2026 10:00:00 GMT'];
const SERVER: Field = ['Server', 'origin'];
const JSON_TYPE: Field = ['Content-Type', 'application/json; charset=utf-8'];

/** A browser's script that asks for JSON. */
const BROWSER_FIELDS: readonly Field[] = [
  [
    'User-Agent',
    'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36',
  ],
  ['Accept', 'application/json, text/plain, */*'],
  ['Accept-Language', 'en-US,en;q=0.9'],
  ['Accept-Encoding', 'gzip, deflate, br, zstd'],
  ['Referer', 'http://www.example.com/items'],
  ['Sec-Fetch-Dest', 'empty'],
  ['Sec-Fetch-Mode', 'cors'],
  ['Sec-Fetch-Site', 'same-origin'],
];

/** The smallest realistic exchange, for questions about the fixed cost of a hop. */
export const FIXED_1KB: FixedScenario = {
  kind: 'fixed',
  name: 'fixed-1kb',
  title: 'one GET, 1024-byte answer',
  description:
    'The same GET with eight browser-like fields, answered with 1024 bytes. The fixed cost of a hop, with every cache warm.',
  source: MADE_UP,
  host: HOST,
  request: {
    method: 'GET',
    target: '/api/items/1024?view=full',
    fields: BROWSER_FIELDS,
    bodyBytes: 0,
  },
  answer: {
    status: 200,
    fields: [DATE, SERVER, JSON_TYPE, ['Cache-Control', 'no-cache'], ['ETag', '"1024-5f3c"']],
    bodyBytes: KB,
  },
};

/** The plan's five sizes: the same exchange but for what it carries back. */
export const THROUGHPUT: readonly FixedScenario[] = [1, 2, 4, 8, 16].map((size) => ({
  ...FIXED_1KB,
  name: `throughput-${size}kb`,
  title: `one GET, ${size} KB answer`,
  description: `The same GET with eight browser-like fields, answered with ${size} KB: what a hop costs by the size of answers.`,
  request: { ...FIXED_1KB.request, target: `/api/items?size=${size}` },
  answer: { ...FIXED_1KB.answer, bodyBytes: size * KB },
}));

/** The plan's question whether a hop costs less than a millisecond, on what services ask each other. */
export const SUB_MILLISECOND: FixedScenario = {
  kind: 'fixed',
  name: 'sub-millisecond',
  title: "one service's call of another, 256-byte answer",
  description:
    'The same GET with ten fields, a credential and trace context among them, answered with 256 bytes of JSON: whether all that a proxy adds stays below a millisecond.',
  source: MADE_UP,
  host: 'inventory.example.com',
  request: {
    method: 'GET',
    target: '/v1/stock/4711?warehouse=north',
    fields: [
      ['User-Agent', 'checkout/3.8.1'],
      ['Accept', 'application/json'],
      ['Accept-Encoding', 'gzip'],
      ['Authorization', 'Bearer a3f1c07d2e84b65a3f1c07d2e84b65'],
      ['X-Request-ID', '0192f3c4-5d6e-7f80-9a1b-2c3d4e5f6071'],
      ['traceparent', '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'],
      ['tracestate', 'vendor=00f067aa0ba902b7'],
      ['X-Tenant', 'north'],
      ['Cache-Control', 'no-cache'],
      ['X-Deadline-Ms', '250'],
    ],
    bodyBytes: 0,
  },
  answer: {
    status: 200,
    fields: [DATE, SERVER, JSON_TYPE, ['Cache-Control', 'no-store']],
    bodyBytes: 256,
  },
};

/** Fewer in flight: each moves a megabyte. */
const BULK = { concurrency: 8 } as const;

/** A file that is fetched: what a proxy costs by the byte. */
export const LARGE_DOWNLOAD: FixedScenario = {
  kind: 'fixed',
  name: 'large-download',
  title: 'one GET, 1 MB answer',
  description:
    'The same GET answered with 1 MB, eight in flight: what a hop costs by the byte, and whether bodies are passed on as they come.',
  source: MADE_UP,
  host: 'files.example.com',
  conditions: BULK,
  request: {
    method: 'GET',
    target: '/releases/tool-4.2.0.tar.gz',
    fields: [
      ['User-Agent', 'curl/8.17.0'],
      ['Accept', '*/*'],
    ],
    bodyBytes: 0,
  },
  answer: {
    status: 200,
    fields: [
      DATE,
      SERVER,
      ['Content-Type', 'application/gzip'],
      ['ETag', '"4-2-0"'],
      ['Accept-Ranges', 'bytes'],
    ],
    bodyBytes: MB,
  },
};

/** The other way. */
export const UPLOAD: FixedScenario = {
  kind: 'fixed',
  name: 'upload',
  title: 'one PUT of 1 MB',
  description:
    'The same PUT of 1 MB with a Content-Length, answered with 201 and 64 bytes, eight in flight: what a hop costs by the byte on the way up.',
  source: MADE_UP,
  host: 'files.example.com',
  conditions: BULK,
  request: {
    method: 'PUT',
    target: '/drop/backup-17.bin',
    fields: [
      ['User-Agent', 'curl/8.17.0'],
      ['Accept', '*/*'],
      ['Content-Type', 'application/octet-stream'],
    ],
    bodyBytes: MB,
  },
  answer: { status: 201, fields: [DATE, SERVER, JSON_TYPE], bodyBytes: 64 },
};
