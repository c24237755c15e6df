/**
 * The scenario `fixed-1kb`: the smallest realistic exchange, for questions about the fixed cost of a
 * hop. It deliberately has no variety: caches are always warm on it.
 */
import type { FixedScenario } from '../model/scenario.ts';

export const FIXED_1KB: FixedScenario = {
  kind: 'fixed',
  name: 'fixed-1kb',
  title: 'one GET, 1024-byte answer',
  description:
    'The same GET with eight browser-like fields, answered with 1024 bytes. The fixed cost of a hop, with every cache warm.',
  source: { text: 'Made up; no recorded traffic.', licence: 'MIT' },
  host: 'www.example.com',
  request: {
    method: 'GET',
    target: '/api/items/1024?view=full',
    fields: [
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
    ],
    bodyBytes: 0,
  },
  answer: {
    status: 200,
    fields: [
      ['Date', 'Mon, 02 Nov 2026 10:00:00 GMT'],
      ['Server', 'origin'],
      ['Content-Type', 'application/json; charset=utf-8'],
      ['Cache-Control', 'no-cache'],
      ['ETag', '"1024-5f3c"'],
    ],
    bodyBytes: 1024,
  },
};
