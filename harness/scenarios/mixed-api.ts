/**
 * The scenario `mixed-api`: a JSON API as an app, a web page and other services use it. Made up, after
 * what such APIs look like: reads of few hot and many cold items, lists, searches, 5 % POST with JSON, some
 * changes and deletions, small errors.
 */
import type { Field, MixScenario, Section } from '../model/scenario.ts';

const JSON_BODY: Field = ['Content-Type', 'application/json'];
const ANSWER_TYPE = 'application/json; charset=utf-8';
const TOKEN = 'Bearer eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiI0NzExIiwic2NvcGUiOiJhcGkifQ.c2lnbmF0dXJl';

export const MIXED_API: MixScenario = {
  kind: 'mix',
  name: 'mixed-api',
  title: 'a JSON API, 5 % POST, 1,200 targets',
  description:
    'Reads of hot and cold items, lists and searches, 5 % POST with JSON of 180 bytes to 16 KB, some PUT, PATCH, DELETE and HEAD, answers of 120 bytes to 32 KB, statuses 200, 304, 404, 401 and 500, from an app, a web page and two services.',
  source: { text: 'Made up; no recorded traffic.', licence: 'MIT' },
  host: 'api.example.com',
  methods: [
    { method: 'GET', share: 0.88, on: { targets: 'popularity' } },
    {
      method: 'POST',
      share: 0.05,
      on: {
        targets: 'own',
        list: [
          change('/v1/orders', 0.45, 201, 900, 420),
          change('/v1/sessions', 0.25, 200, 180, 640),
          change('/v1/events', 0.2, 202, 16_384, 120),
          change('/v1/search', 0.1, 422, 350, 260),
        ],
      },
    },
    {
      method: 'PUT',
      share: 0.03,
      on: { targets: 'own', list: [change('/v1/carts/current', 1, 200, 1400, 1500)] },
    },
    {
      method: 'PATCH',
      share: 0.01,
      on: { targets: 'own', list: [change('/v1/users/me', 1, 200, 220, 700)] },
    },
    {
      method: 'DELETE',
      share: 0.02,
      on: {
        targets: 'own',
        list: [
          {
            target: '/v1/carts/current/items/3',
            share: 1,
            status: 204,
            fields: [],
            requestBytes: 0,
            answerBytes: 0,
          },
        ],
      },
    },
    { method: 'HEAD', share: 0.01, on: { targets: 'sample', distinct: 20 } },
  ],
  popular: [
    { target: '/v1/config', media: 'json', share: 0.12, bytes: 2200 },
    { target: '/v1/users/me', media: 'json', share: 0.09, bytes: 700 },
    { target: '/v1/carts/current', media: 'json', share: 0.08, bytes: 1500 },
    { target: '/v1/items?sort=popular&page=1', media: 'json', share: 0.07, bytes: 18_400 },
    { target: '/health', media: 'json', share: 0.04, bytes: 120 },
  ],
  sections: [
    section('items', 0.3, 600, [
      ['/v1/items/{n}', 0.7],
      ['/v1/items/{n}/reviews?page={n}', 0.3],
    ]),
    section('lists', 0.15, 250, [
      ['/v1/items?category={word}&page={n}', 0.6],
      ['/v1/orders?state={word}&limit={n}', 0.4],
    ]),
    section('search', 0.1, 250, [['/v1/search?q={word}+{word}&lang=en', 1]]),
    section('orders', 0.05, 80, [['/v1/orders/{n}', 1]]),
  ],
  media: [
    {
      name: 'json',
      contentType: ANSWER_TYPE,
      accept: 'application/json',
      dest: 'empty',
      mode: 'cors',
      audience: [
        { family: 'app', share: 0.45 },
        { family: 'page', share: 0.3 },
        { family: 'service', share: 0.25 },
      ],
      bytes: [
        [0, 240],
        [0.5, 1800],
        [0.9, 9000],
        [1, 32_768],
      ],
    },
  ],
  statuses: [
    { status: 200, share: 0.9, bytes: null },
    { status: 304, share: 0.05, bytes: null },
    error(404, 0.03),
    error(401, 0.015),
    error(500, 0.005),
  ],
  headerSets: [
    {
      name: 'app-android',
      family: 'app',
      share: 0.6,
      refererShare: 0,
      fields: [
        ['User-Agent', 'ShopApp/8.4.1 (Android 16; Pixel 9) okhttp/5.3.0'],
        ['Accept', '{accept}'],
        ['Accept-Encoding', 'gzip'],
        ['Accept-Language', 'en-GB'],
        ['Authorization', TOKEN],
        ['X-App-Version', '8.4.1'],
        ['X-Device-ID', '5b1f0c62-90d4-4a1e-8f4e-3d0c9f5a7b21'],
      ],
    },
    {
      name: 'app-ios',
      family: 'app',
      share: 0.4,
      refererShare: 0,
      fields: [
        ['Accept', '{accept}'],
        ['Authorization', TOKEN],
        ['Accept-Encoding', 'gzip, deflate, br'],
        ['User-Agent', 'ShopApp/8.4.1 CFNetwork/3826.600.41 Darwin/25.1.0'],
        ['Accept-Language', 'en-GB,en;q=0.9'],
        ['X-App-Version', '8.4.1'],
      ],
    },
    {
      name: 'page-chrome',
      family: 'page',
      share: 1,
      refererShare: 0.95,
      fields: [
        ['sec-ch-ua', '"Chromium";v="142", "Google Chrome";v="142", "Not_A Brand";v="99"'],
        ['sec-ch-ua-mobile', '?0'],
        [
          'User-Agent',
          'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36',
        ],
        ['Accept', '{accept}'],
        ['Origin', 'https://shop.example.com'],
        ['Sec-Fetch-Site', 'same-site'],
        ['Sec-Fetch-Mode', '{mode}'],
        ['Sec-Fetch-Dest', '{dest}'],
        ['Referer', '{referer}'],
        ['Accept-Encoding', 'gzip, deflate, br, zstd'],
        ['Accept-Language', 'en-US,en;q=0.9'],
        ['Cookie', 'session=3f9a1c07d2e84b65; consent=analytics%3D0'],
      ],
    },
    {
      name: 'service-checkout',
      family: 'service',
      share: 0.7,
      refererShare: 0,
      fields: [
        ['User-Agent', 'checkout/3.8.1'],
        ['Accept', '{accept}'],
        ['Authorization', TOKEN],
        ['traceparent', '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'],
        ['X-Request-ID', '0192f3c4-5d6e-7f80-9a1b-2c3d4e5f6071'],
      ],
    },
    {
      name: 'service-reports',
      family: 'service',
      share: 0.3,
      refererShare: 0,
      fields: [
        ['User-Agent', 'python-httpx/0.28.1'],
        ['Accept', '{accept}'],
        ['Accept-Encoding', 'gzip, deflate'],
        ['Authorization', TOKEN],
      ],
    },
  ],
  referers: { foreignShare: 1, foreign: ['https://shop.example.com/'] },
  answerFields: [
    ['Date', 'Mon, 02 Nov 2026 10:00:00 GMT'],
    ['Server', 'origin'],
    ['ETag', '{etag}'],
    ['Cache-Control', 'private, max-age=0'],
    ['Vary', 'Authorization, Accept-Encoding'],
    ['X-RateLimit-Remaining', '4871'],
  ],
};

/** A request that changes something, its body and its answer JSON. */
function change(
  target: string,
  share: number,
  status: number,
  requestBytes: number,
  answerBytes: number,
): {
  target: string;
  share: number;
  status: number;
  fields: Field[];
  requestBytes: number;
  answerBytes: number;
  answerType: string;
} {
  const fields = [JSON_BODY];
  return { target, share, status, fields, requestBytes, answerBytes, answerType: ANSWER_TYPE };
}

/** Targets of which the tenth that is asked for most gets half of the requests. */
function section(
  name: string,
  share: number,
  distinct: number,
  templates: readonly (readonly [template: string, share: number])[],
): Section {
  return {
    name,
    share,
    distinct,
    curve: [
      [Math.round(distinct / 10), 0.5],
      [Math.round(distinct / 2), 0.85],
      [distinct, 1],
    ],
    paths: templates.map(([template, part]) => ({ template, media: 'json', share: part })),
  };
}

function error(
  status: number,
  share: number,
): { status: number; share: number; bytes: [number, number][] } {
  return {
    status,
    share,
    bytes: [
      [0, 120],
      [1, 400],
    ],
  };
}
