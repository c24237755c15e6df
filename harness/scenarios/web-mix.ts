/**
 * The scenario `web-mix`, the default: a public web site's requests. Its shares, curves and sizes are
 * the figures of a real access log (`web-mix-figures.ts`); every name and every header in it is
 * invented. What each figure stands for is in docs/scenarios.md.
 */
import type { MethodShare, MixScenario, Section } from '../model/scenario.ts';
import { WEB_CLIENTS } from './web-clients.ts';
import { WEB_MIX_FIGURES as FIGURES } from './web-mix-figures.ts';

/** Names for the popular targets, in the order of the figures. */
const POPULAR_TARGETS: readonly string[] = [
  '/favicon.ico',
  '/style.css',
  '/reset.css',
  '/images/portrait-80.png',
  '/images/site/header.png',
  '/blog/tags/lantern?flav=rss20',
  '/projects/keyhole/',
  '/?flav=rss20',
  '/',
  '/robots.txt',
  '/projects/keyhole/manual.xhtml',
  '/?flav=atom',
  '/articles/names-that-move-with-dhcp/',
  '/presentations/lantern-scale/images/happy-face-large.png',
];

/** Shapes of paths by section and media, with their parts of that medium's share. */
const TEMPLATES: Record<string, Record<string, readonly [template: string, part: number][]>> = {
  presentations: {
    image: [
      ['/presentations/{slug}/images/{slug}.png', 0.9],
      ['/presentations/{slug}/images/{word}-{n}.jpg', 0.1],
    ],
    style: [
      ['/presentations/{slug}/css/{word}.css', 0.6],
      ['/presentations/{slug}/css/theme/{slug}.css', 0.4],
    ],
    page: [
      ['/presentations/{slug}/', 0.7],
      ['/presentations/{slug}/{slug}.html', 0.3],
    ],
    script: [['/presentations/{slug}/plugin/{word}/{word}.js', 1]],
    font: [['/presentations/{slug}/lib/font/{slug}.ttf', 1]],
  },
  blog: {
    page: [
      ['/blog/{word}/{slug}.html', 0.55],
      ['/blog/tags/{word}', 0.15],
      ['/blog/{word}/{year}?page={n}', 0.1],
      [
        '/blog/{word}/{long}.html?utm_source=feeds&utm_medium=feed&utm_campaign=Feed%3A+{word}%2Fmain+%28{slug}%29',
        0.2,
      ],
    ],
    feed: [['/blog/tags/{word}?flav=rss20', 1]],
  },
  files: {
    page: [
      ['/files/{word}/?C=N;O=D', 0.4],
      ['/files/{slug}/{word}/', 0.6],
    ],
    download: [['/files/{word}/{slug}-{n}.{n}.jar', 1]],
  },
  projects: { page: [['/projects/{word}/{slug}.html', 1]] },
  articles: { page: [['/articles/{slug}/', 1]] },
  root: { page: [['/?page={n}', 1]] },
};

/** Where a section has no shape of its own for a medium. */
const EXTENSIONS: Record<string, string> = {
  ...{ image: '.png', style: '.css', page: '/', script: '.js', font: '.ttf', text: '.txt' },
  ...{ feed: '?flav=rss20', download: '.pdf' },
};

/** Content types, and what browsers say when they ask for them. */
const MEDIA: Record<string, readonly [type: string, accept: string, dest: string, mode: string]> = {
  page: [
    'text/html; charset=utf-8',
    'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8',
    ...(['document', 'navigate'] as const),
  ],
  image: [
    'image/png',
    'image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8',
    ...(['image', 'no-cors'] as const),
  ],
  style: ['text/css; charset=utf-8', 'text/css,*/*;q=0.1', 'style', 'no-cors'],
  script: ['text/javascript; charset=utf-8', '*/*', 'script', 'no-cors'],
  font: ['font/ttf', '*/*', 'font', 'cors'],
  feed: ['application/rss+xml; charset=utf-8', '*/*', 'empty', 'cors'],
  text: ['text/plain; charset=utf-8', '*/*', 'document', 'navigate'],
  download: ['application/octet-stream', '*/*', 'document', 'navigate'],
};

export const WEB_MIX: MixScenario = {
  kind: 'mix',
  name: 'web-mix',
  title: 'a public web site, 1,500 targets',
  description:
    'Methods, popularity of targets, statuses, answer sizes (at most 64 KB), clients and referrers in the shares of a real access log; all names and headers invented.',
  source: {
    text: "Figures from a public web site's access log, 10,000 requests of May 2015, from the elastic/examples repository; derived figures only.",
    licence: 'Apache-2.0',
  },
  host: 'www.example.org',
  methods: FIGURES.methods.map(({ method, share, distinct }) => ({
    ...{ method, share },
    on: targetsOf(method, distinct),
  })),
  popular: FIGURES.popular.map(({ media, share, bytes }, i) => ({
    ...{ target: POPULAR_TARGETS[i] ?? `/popular/${i}`, media, share, bytes },
  })),
  sections: FIGURES.sections.map(({ name, share, distinct, curve, media }) => ({
    ...{ name, share, distinct, curve },
    paths: media.flatMap((part) => pathsOf(name, part.media, part.share)),
  })),
  media: FIGURES.media.map(({ media, audience, bytes }) => {
    const [contentType, accept, dest, mode] = MEDIA[media] ?? [
      'text/plain',
      '*/*',
      'empty',
      'cors',
    ];
    return { name: media, contentType, accept, dest, mode, audience, bytes };
  }),
  statuses: FIGURES.statuses.map(({ status, share, bytes }) => ({
    ...{ status, share },
    bytes: status === 200 || status === 304 ? null : bytes,
  })),
  headerSets: WEB_CLIENTS.map(({ name, family, figures, part, fields }) => {
    const client = FIGURES.clients.find((known) => known.client === figures);
    return {
      ...{ name, family, share: (client?.share ?? 0) * part },
      ...{ refererShare: client?.refererShare ?? 0, fields },
    };
  }),
  referers: {
    foreignShare: FIGURES.foreignRefererShare,
    foreign: [
      'https://search.example/',
      'https://questions.example/questions/1824093/how-to-light-a-lantern',
      'https://news.example/item?id=20417',
    ],
  },
  answerFields: [
    ['Date', 'Mon, 02 Nov 2026 10:00:00 GMT'],
    ['Server', 'origin'],
    ['Last-Modified', '{lastModified}'],
    ['ETag', '{etag}'],
    ['Accept-Ranges', 'bytes'],
    ['Cache-Control', 'public, max-age=300'],
    ['Vary', 'Accept-Encoding'],
  ],
};

/** Bodies of POST are invented: an access log does not record them. */
function targetsOf(method: string, distinct: number): MethodShare['on'] {
  if (method === 'GET') return { targets: 'popularity' };
  if (method === 'HEAD') return { targets: 'sample', distinct };
  const form = ['Content-Type', 'application/x-www-form-urlencoded'] as const;
  const plain = { fields: [], requestBytes: 0, answerBytes: 600 };
  if (method === 'POST')
    return {
      targets: 'own',
      list: [
        {
          ...plain,
          target: '/blog/comments',
          share: 0.4,
          status: 200,
          fields: [form],
          requestBytes: 730,
        },
        {
          ...plain,
          target: '/forum/post',
          share: 0.4,
          status: 404,
          fields: [form],
          requestBytes: 110,
        },
        {
          ...plain,
          target: '/trackback/new',
          share: 0.2,
          status: 404,
          fields: [form],
          requestBytes: 2048,
        },
      ],
    };
  return { targets: 'own', list: [{ ...plain, target: '/', share: 1, status: 500 }] };
}

function pathsOf(section: string, media: string, share: number): Section['paths'] {
  const folder = section === 'root' ? '' : section === 'other' ? '/{word}' : `/${section}`;
  const templates = TEMPLATES[section]?.[media] ?? [
    [`${folder}/{slug}${EXTENSIONS[media] ?? ''}`, 1],
  ];
  return templates.map(([template, part]) => ({ template, media, share: share * part }));
}
