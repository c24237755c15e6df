import { afterEach, describe, expect, test } from 'vitest';
import { createPolicy } from '../policy/load.ts';
import { type RunningProxy, runProxy } from './fixtures/running-proxy.ts';
import { readMaxForwards } from './max-forwards.ts';

const read = (text: string): number => readMaxForwards(Buffer.from(text), 0, text.length);

test.each([
  ['0', 0],
  ['007', 7],
  ['999999999', 999_999_999],
  ['99999999999999999999999999', 999_999_999],
  ['', -1],
  ['1x', -1],
  ['+1', -1],
])('%j is a count of %d hops', (text, hops) => {
  expect(read(text)).toBe(hops);
});

describe('a request for which no hop is left', () => {
  let proxy: RunningProxy | null = null;
  afterEach(async () => {
    await proxy?.close();
    proxy = null;
  });

  async function start(): Promise<RunningProxy> {
    const secret = { body: { patterns: ['secret'] }, methods: ['OPTIONS'] };
    const policy = createPolicy({
      logging: { default: true },
      drop: {
        rules: [
          { name: 'path', match: { path: { patterns: ['^/no'] } } },
          { name: 'body', match: secret },
        ],
      },
    });
    proxy = await runProxy(policy);
    return proxy;
  }

  const options = (path: string, ...lines: string[]): string =>
    `${[`OPTIONS ${path} HTTP/1.1`, 'Host: x', 'Max-Forwards: 0', ...lines].join('\r\n')}\r\n\r\n`;
  const EMPTY = 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n';

  test('leaves its connection to the next, and its line says who answered', async () => {
    const running = await start();
    const peer = running.client();
    peer.send(options('/a'));
    await peer.until(({ received }) => received === EMPTY);
    peer.send(`${options('/b', 'Content-Length: 4')}body`);
    await peer.until(({ received }) => received === EMPTY + EMPTY);
    await running.close();
    proxy = null;
    const outcomes = running.lines.map((line) => JSON.parse(line));
    expect(outcomes).toMatchObject([
      { target: '/a', status: 200, outcome: 'answered', requestBytes: 0, upstreamMs: null },
      { target: '/b', status: 200, outcome: 'answered', requestBytes: 4, upstreamMs: null },
    ]);
    expect(running.origin.connections).toEqual([]);
  });

  test('is dropped all the same if a rule drops it, by its path or by its body', async () => {
    const { client } = await start();
    const peer = client();
    peer.send(options('/no'));
    await peer.untilText('HTTP/1.1 403');
    const other = client();
    other.send(`${options('/a', 'Content-Length: 6')}secret`);
    await other.untilText('HTTP/1.1 403');
    const open = client();
    open.send(`${options('/a', 'Content-Length: 6')}public`);
    await open.untilText(EMPTY);
  });

  test('is not waited for to its end, but then nothing comes after it', async () => {
    const { client } = await start();
    const peer = client();
    peer.send(`TRACE /a HTTP/1.1\r\nHost: x\r\nMax-Forwards: 0\r\nContent-Length: 4\r\n\r\n`);
    await peer.until(({ ended }) => ended);
    expect(peer.received).toContain('HTTP/1.1 405');
    expect(peer.received).toContain('Connection: close');
  });
});
