import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { WEB_MIX_FIGURES } from '../harness/scenarios/web-mix-figures.ts';
import { deriveTraffic } from './derive-traffic.ts';

const LOG = process.env.HOPMARK_TRAFFIC_LOG ?? '';
const CHROME =
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/32.0.1700.107 Safari/537.36';

describe('deriveTraffic', () => {
  const figures = deriveTraffic(
    [
      ...new Array<string>(6).fill(line('GET', '/style.css', 200, '4000', '-', CHROME)),
      line('GET', '/blog/secret-name.html', 200, '99999', 'http://www.own.example/a', CHROME),
      line('GET', '/blog/', 200, '100', 'http://own.example/b', 'Googlebot/2.1'),
      line('GET', '/files/a.jar', 206, '-', 'http://other.example/', 'curl/7.1'),
      line('HEAD', '/blog/', 200, '-', '-', 'curl/7.1'),
      'a line that was cut',
    ].join('\n'),
  );

  test('counts requests, methods and statuses, and says how many lines it could not read', () => {
    expect(figures.requests).toBe(10);
    expect(figures.skipped).toBe(1);
    expect(figures.distinctTargets).toBe(4);
    expect(figures.methods).toEqual([
      { method: 'GET', share: 0.9, distinct: 4 },
      { method: 'HEAD', share: 0.1, distinct: 1 },
    ]);
    expect(figures.statuses.map(({ status, share }) => [status, share])).toEqual([
      [200, 0.8889],
      [206, 0.1111],
    ]);
  });

  test('gives popular targets by what they are, not by name, and caps sizes at 64 KB', () => {
    expect(figures.popular).toContainEqual({
      section: 'root',
      media: 'style',
      share: 0.6667,
      bytes: 4000,
    });
    expect(figures.popular).toContainEqual({
      section: 'blog',
      media: 'page',
      share: 0.1111,
      bytes: 65_536,
    });
    expect(JSON.stringify(figures)).not.toMatch(/secret|own\.example|Mozilla|style\.css/);
  });

  test('tells families of clients apart, and the own site from others', () => {
    expect(figures.clients.map(({ client, refererShare }) => [client, refererShare])).toEqual([
      ['browser/chrome', 0.1429],
      ['crawler/crawler', 1],
      ['script/script', 1],
    ]);
    expect(figures.foreignRefererShare).toBe(0.3333);
  });
});

test.skipIf(!existsSync(LOG))(
  "the log named by HOPMARK_TRAFFIC_LOG gives web-mix's figures again (skipped where it is not set)",
  () => {
    expect(deriveTraffic(readFileSync(LOG, 'utf8'))).toEqual(WEB_MIX_FIGURES);
  },
);

function line(
  method: string,
  target: string,
  status: number,
  bytes: string,
  referer: string,
  agent: string,
): string {
  return `192.0.2.1 - - [17/May/2015:10:05:03 +0000] "${method} ${target} HTTP/1.1" ${status} ${bytes} "${referer}" "${agent}"`;
}
