/**
 * The header sets of `web-mix`: what browsers, crawlers, feed readers and scripts of today send. Made
 * up after what such clients document; an access log holds none of it but the user agent, and that
 * one's age shows, so only the families' shares come from the log. One browser in two carries a
 * cookie, which no log records, so that redaction has something to find.
 */
import type { Field, HeaderSet } from '../model/scenario.ts';

/** A header set without the figures that come from the log. */
export type WebClient = Omit<HeaderSet, 'share' | 'refererShare'> & {
  /** The client of the log's figures for which it stands, and its part of that one's share. */
  readonly figures: string;
  readonly part: number;
};

const CHROME = '(KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36';
const CHROME_BRANDS = '"Chromium";v="142", "Google Chrome";v="142", "Not_A Brand";v="99"';
const EDGE_BRANDS = '"Chromium";v="142", "Microsoft Edge";v="142", "Not_A Brand";v="99"';
const COOKIE = 'session=3f9a1c07d2e84b65; theme=dark; consent=analytics%3D0%26ads%3D0';

export const WEB_CLIENTS: readonly WebClient[] = [
  chromium(
    'chrome-windows',
    'Windows NT 10.0; Win64; x64',
    'Windows',
    'browser/chrome',
    0.5,
    COOKIE,
  ),
  chromium('chrome-mac', 'Macintosh; Intel Mac OS X 10_15_7', 'macOS', 'browser/chrome', 0.3, null),
  chromium('chrome-linux', 'X11; Linux x86_64', 'Linux', 'browser/chrome', 0.2, null),
  chromium('edge-windows', 'Windows NT 10.0; Win64; x64', 'Windows', 'browser/other', 1, COOKIE),
  firefox('firefox-windows', 'Windows NT 10.0; Win64; x64; rv:145.0', 0.5, COOKIE),
  firefox('firefox-linux', 'X11; Linux x86_64; rv:145.0', 0.3, null),
  firefox('firefox-mac', 'Macintosh; Intel Mac OS X 10.15; rv:145.0', 0.2, null),
  safari(
    'safari-mac',
    'browser/safari',
    'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.1 Safari/605.1.15',
  ),
  safari(
    'safari-iphone',
    'browser/mobile',
    'Mozilla/5.0 (iPhone; CPU iPhone OS 18_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.1 Mobile/15E148 Safari/604.1',
  ),
  {
    ...{ name: 'crawler-search', family: 'crawler', figures: 'crawler/crawler', part: 0.5 },
    fields: [
      ['Connection', 'keep-alive'],
      ['Accept', 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8'],
      ['From', 'crawler(at)search.example'],
      [
        'User-Agent',
        'Mozilla/5.0 (Linux; Android 6.0.1) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile Safari/537.36 (compatible; SearchBot/2.1; +http://search.example/bot.html)',
      ],
      ['Referer', '{referer}'],
      ['Accept-Encoding', 'gzip, deflate, br'],
    ],
  },
  {
    ...{ name: 'crawler-archive', family: 'crawler', figures: 'crawler/crawler', part: 0.5 },
    fields: [
      [
        'User-Agent',
        'Mozilla/5.0 (compatible; archive-crawler/3.4; +http://archive.example/details)',
      ],
      ['Referer', '{referer}'],
      ['Accept', '*/*'],
      ['Accept-Encoding', 'gzip'],
    ],
  },
  {
    ...{
      name: 'feed-service',
      family: 'feed-reader',
      figures: 'feed-reader/feed-reader',
      part: 0.6,
    },
    fields: [
      ['User-Agent', 'FeedService/1.0 (+http://feeds.example/about; 12 subscribers)'],
      ['Accept', 'application/atom+xml,application/rss+xml,application/xml;q=0.9,*/*;q=0.1'],
      ['Accept-Encoding', 'gzip, deflate'],
      ['Referer', '{referer}'],
      ['A-IM', 'feed'],
      ['Cache-Control', 'max-age=0'],
    ],
  },
  {
    ...{
      name: 'feed-desktop',
      family: 'feed-reader',
      figures: 'feed-reader/feed-reader',
      part: 0.4,
    },
    fields: [
      ['User-Agent', 'DesktopReader/6.2 (Linux; en_US.UTF-8; https://reader.example)'],
      ['Accept', 'application/rss+xml, application/atom+xml, text/xml, */*;q=0.1'],
      ['Accept-Language', 'en-US, en;q=0.5'],
      ['Accept-Encoding', 'gzip, deflate, br'],
      ['Referer', '{referer}'],
      ['Connection', 'keep-alive'],
    ],
  },
  {
    ...{ name: 'script-curl', family: 'script', figures: 'script/script', part: 0.4 },
    fields: [
      ['User-Agent', 'curl/8.17.0'],
      ['Accept', '*/*'],
      ['Referer', '{referer}'],
    ],
  },
  {
    ...{ name: 'script-python', family: 'script', figures: 'script/script', part: 0.35 },
    fields: [
      ['User-Agent', 'python-requests/2.32.5'],
      ['Accept-Encoding', 'gzip, deflate, br, zstd'],
      ['Accept', '*/*'],
      ['Connection', 'keep-alive'],
      ['Referer', '{referer}'],
    ],
  },
  {
    ...{ name: 'script-go', family: 'script', figures: 'script/script', part: 0.25 },
    fields: [
      ['User-Agent', 'Go-http-client/1.1'],
      ['Accept-Encoding', 'gzip'],
      ['Referer', '{referer}'],
    ],
  },
];

function chromium(
  name: string,
  system: string,
  platform: string,
  figures: string,
  part: number,
  cookie: string | null,
): WebClient {
  const edge = name.startsWith('edge');
  return {
    ...{ name, family: 'browser', figures, part },
    fields: [
      ['Connection', 'keep-alive'],
      ['sec-ch-ua-platform', `"${platform}"`],
      [
        'User-Agent',
        `Mozilla/5.0 (${system}) AppleWebKit/537.36 ${CHROME}${edge ? ' Edg/142.0.0.0' : ''}`,
      ],
      ['sec-ch-ua', edge ? EDGE_BRANDS : CHROME_BRANDS],
      ['sec-ch-ua-mobile', '?0'],
      ['Accept', '{accept}'],
      ['Sec-Fetch-Site', 'same-origin'],
      ['Sec-Fetch-Mode', '{mode}'],
      ['Sec-Fetch-Dest', '{dest}'],
      ['Referer', '{referer}'],
      ['Accept-Encoding', 'gzip, deflate, br, zstd'],
      ['Accept-Language', 'en-US,en;q=0.9'],
      ...cookieField(cookie),
    ],
  };
}

function firefox(name: string, system: string, part: number, cookie: string | null): WebClient {
  return {
    ...{ name, family: 'browser', figures: 'browser/firefox', part },
    fields: [
      ['User-Agent', `Mozilla/5.0 (${system}) Gecko/20100101 Firefox/145.0`],
      ['Accept', '{accept}'],
      ['Accept-Language', 'en-US,en;q=0.5'],
      ['Accept-Encoding', 'gzip, deflate, br, zstd'],
      ['Connection', 'keep-alive'],
      ['Referer', '{referer}'],
      ...cookieField(cookie),
      ['Sec-Fetch-Dest', '{dest}'],
      ['Sec-Fetch-Mode', '{mode}'],
      ['Sec-Fetch-Site', 'same-origin'],
      ['Priority', 'u=5, i'],
    ],
  };
}

function safari(name: string, figures: string, agent: string): WebClient {
  return {
    ...{ name, family: 'browser', figures, part: 1 },
    fields: [
      ['Connection', 'keep-alive'],
      ['Accept', '{accept}'],
      ['Sec-Fetch-Site', 'same-origin'],
      ['Sec-Fetch-Dest', '{dest}'],
      ['Accept-Language', 'en-US,en;q=0.9'],
      ['Sec-Fetch-Mode', '{mode}'],
      ['User-Agent', agent],
      ['Referer', '{referer}'],
      ['Accept-Encoding', 'gzip, deflate'],
    ],
  };
}

function cookieField(cookie: string | null): Field[] {
  return cookie === null ? [] : [['Cookie', cookie]];
}
