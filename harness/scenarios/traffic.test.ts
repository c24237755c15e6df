import { describe, expect, test } from 'vitest';
import { MAX_BODY_BYTES, type MixScenario } from '../model/scenario.ts';
import type { Exchange, Traffic } from './exchange.ts';
import { encodeAnswer } from './exchange.ts';
import { FIXED_1KB } from './fixed-scenarios.ts';
import { prepareTraffic } from './traffic.ts';
import { WEB_MIX } from './web-mix.ts';

const SEEDS = [1, 2, 0xdecade];
const traffics = SEEDS.map((seed) => prepareTraffic(WEB_MIX, seed));

describe('web-mix', () => {
  test.each(traffics)('reproduces the declared shares (traffic %#)', (traffic) => {
    const sent = inOrder(traffic);
    expectShares(sent, (exchange) => exchange.method, methodShares(WEB_MIX));
    const gets = sent.filter((exchange) => exchange.method === 'GET');
    expectShares(
      gets,
      (exchange) => String(exchange.answer.status),
      WEB_MIX.statuses.map(({ status, share }) => [String(status), share]),
    );
    expectShares(
      gets,
      (exchange) => exchange.target,
      WEB_MIX.popular.map(({ target, share }) => [target, share]),
    );
    const popular = new Set(WEB_MIX.popular.map(({ target }) => target));
    expectShares(
      gets.filter((exchange) => !popular.has(exchange.target)),
      (exchange) => exchange.target.split('/')[1] ?? '',
      WEB_MIX.sections
        .filter(({ name }) => name !== 'root' && name !== 'other')
        .map(({ name, share }) => [name, share / tailShare(WEB_MIX)]),
    );
  });

  test.each(traffics)(
    'lets each family of clients send its share, with its Referers (traffic %#)',
    (traffic) => {
      const sent = inOrder(traffic);
      const familyOf = new Map(WEB_MIX.headerSets.map(({ name, family }) => [name, family]));
      // Over all media of the log: browsers 70.4 %, crawlers 16.9 %, feed readers 8.9 %, scripts 3.8 %.
      expectShares(sent, (exchange) => familyOf.get(exchange.client) ?? '', [
        ['browser', 0.704],
        ['crawler', 0.169],
        ['feed-reader', 0.089],
        ['script', 0.038],
      ]);
      const withReferer = sent.filter((exchange) => headOf(exchange).includes('\r\nReferer: '));
      expect(withReferer.length / sent.length).toBeCloseTo(0.594, 2);
      const foreign = withReferer.filter(
        (one) => !headOf(one).includes(`Referer: http://${WEB_MIX.host}/`),
      );
      expect(foreign.length / withReferer.length).toBeCloseTo(WEB_MIX.referers.foreignShare, 2);
    },
  );

  test.each(traffics)('follows the popularity and the sizes of the log (traffic %#)', (traffic) => {
    const gets = inOrder(traffic).filter((exchange) => exchange.method === 'GET');
    const counts = [...countBy(gets, (exchange) => exchange.target).values()].sort((a, b) => b - a);
    const upTo = (rank: number): number =>
      counts.slice(0, rank).reduce((sum, count) => sum + count, 0) / gets.length;
    expect(counts).toHaveLength(1486);
    // The log's own curve, which is not declared but follows from those of the sections.
    for (const [rank, share] of [
      [1, 0.0803],
      [8, 0.3875],
      [32, 0.5638],
      [128, 0.7244],
      [512, 0.8851],
    ] as const)
      expect(Math.abs(upTo(rank) - share)).toBeLessThan(0.015);
    const sizes = gets
      .filter((exchange) => exchange.answer.status === 200)
      .map((exchange) => exchange.answer.body.length)
      .sort((a, b) => a - b);
    expect(sizes[Math.floor(sizes.length / 2)]).toBeGreaterThan(12_292 * 0.85);
    expect(sizes[Math.floor(sizes.length / 2)]).toBeLessThan(12_292 * 1.15);
    expect(sizes.at(-1)).toBe(MAX_BODY_BYTES);
  });

  test('is the same for the same seed, byte for byte, and another for another', () => {
    const [first, second] = traffics;
    if (first === undefined || second === undefined) throw new Error('no traffic');
    const again = prepareTraffic(WEB_MIX, 1);
    expect(digest(again)).toEqual(digest(first));
    expect(Buffer.from(again.order.buffer).equals(Buffer.from(first.order.buffer))).toBe(true);
    expect(digest(second)).not.toEqual(digest(first));
    expect(Buffer.from(second.order.buffer).equals(Buffer.from(first.order.buffer))).toBe(false);
  });

  test.each(traffics)(
    'gives one method and target one answer and one request body (traffic %#)',
    (traffic) => {
      const known = new Map<string, Exchange>();
      for (const exchange of traffic.exchanges) {
        const key = `${exchange.method} ${exchange.target}`;
        const before = known.get(key) ?? exchange;
        known.set(key, before);
        expect(exchange.answer).toBe(before.answer);
        expect(exchange.requestBody.equals(before.requestBody)).toBe(true);
      }
    },
  );

  test.each(traffics)('gives different targets different bodies (traffic %#)', (traffic) => {
    const seen = new Map<string, string>();
    for (const { target, method, answer } of traffic.exchanges) {
      if (answer.body.length < 16) continue;
      const start = answer.body.toString('latin1', 0, 16);
      const other = seen.get(start) ?? target;
      seen.set(start, other);
      expect(`${method} ${other}`).toBe(`${method} ${target}`);
    }
  });

  test.each(traffics)(
    'answers 304, 206 and 416 only to requests that ask for them (traffic %#)',
    (traffic) => {
      for (const exchange of traffic.exchanges) {
        const head = headOf(exchange);
        const { status, body, fields } = exchange.answer;
        expect(head.includes('\r\nIf-None-Match: ')).toBe(status === 304);
        expect(head.includes('\r\nRange: bytes=')).toBe(status === 206 || status === 416);
        if (status === 206)
          expect(fields.find(([name]) => name === 'Content-Range')?.[1]).toContain(
            `0-${body.length - 1}/`,
          );
        if (status === 304 || exchange.method === 'HEAD') expect(body).toHaveLength(0);
        else
          expect(
            fields.at(-1)?.[0] === 'Content-Range' || fields.at(-1)?.[1] === String(body.length),
          ).toBe(true);
      }
    },
  );

  test.each(traffics)(
    'writes well-formed requests of 4 to 16 fields within every limit (traffic %#)',
    (traffic) => {
      for (const exchange of traffic.exchanges) {
        const head = headOf(exchange);
        const lines = head.slice(0, -4).split('\r\n');
        expect(lines[0]).toBe(`${exchange.method} ${exchange.target} HTTP/1.1`);
        expect(lines[1]).toBe(`Host: ${WEB_MIX.host}`);
        for (const line of lines.slice(1)) expect(line).toMatch(/^[A-Za-z-]+: [\x20-\x7e]+$/);
        expect(lines.length - 1).toBeGreaterThanOrEqual(3);
        expect(lines.length - 1).toBeLessThanOrEqual(16);
        expect(exchange.target.length).toBeLessThan(600);
        expect(head).not.toMatch(/[{}]/);
      }
    },
  );

  test.each(traffics)('stays small (traffic %#)', (traffic) => {
    const answers = new Set(traffic.exchanges.map((exchange) => exchange.answer));
    let bytes = 0;
    for (const answer of answers) bytes += encodeAnswer(answer).length;
    for (const { requestBytes } of traffic.exchanges) bytes += requestBytes.length;
    expect(bytes).toBeLessThan(64e6);
  });
});

test('fixed-1kb is one exchange of ten fields or fewer and 1024 bytes, which differ by seed', () => {
  const [one, two] = [1, 2].map((seed) => prepareTraffic(FIXED_1KB, seed).exchanges[0]);
  expect(one?.answer.body).toHaveLength(1024);
  expect(one?.requestBytes.toString().split('\r\n')).toHaveLength(1 + 1 + 8 + 2);
  expect(one?.requestBytes.equals(two?.requestBytes ?? Buffer.alloc(0))).toBe(true);
  expect(one?.answer.body.equals(two?.answer.body ?? Buffer.alloc(0))).toBe(false);
});

/** Each share within 0.5 % of the requests: the dealing is exact but for the weight of the tail. */
function expectShares(
  sent: readonly Exchange[],
  keyOf: (exchange: Exchange) => string,
  shares: readonly (readonly [key: string, share: number])[],
): void {
  const counts = countBy(sent, keyOf);
  for (const [key, share] of shares) {
    const seen = (counts.get(key) ?? 0) / sent.length;
    const message = `${key}: ${seen} of the requests, not ${share}`;
    expect(Math.abs(seen - share), message).toBeLessThan(Math.min(0.005, 0.0003 + share / 10));
    expect(seen, `${key} never occurs`).toBeGreaterThan(0);
  }
}

function methodShares(mix: MixScenario): (readonly [string, number])[] {
  return mix.methods.map(({ method, share }) => [method, share]);
}

function tailShare(mix: MixScenario): number {
  return mix.sections.reduce((sum, section) => sum + section.share, 0);
}

function inOrder(traffic: Traffic): Exchange[] {
  return Array.from(traffic.order, (index) => {
    const exchange = traffic.exchanges[index];
    if (exchange === undefined) throw new Error(`no exchange ${index}`);
    return exchange;
  });
}

function countBy(sent: readonly Exchange[], keyOf: (one: Exchange) => string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const exchange of sent) counts.set(keyOf(exchange), (counts.get(keyOf(exchange)) ?? 0) + 1);
  return counts;
}

function headOf(exchange: Exchange): string {
  return exchange.requestBytes.toString(
    'latin1',
    0,
    exchange.requestBytes.length - exchange.requestBody.length,
  );
}

function digest(traffic: Traffic): string[] {
  return traffic.exchanges.map(
    ({ requestBytes, answer }) =>
      `${requestBytes.toString('latin1')}${answer.status}${answer.body.toString('latin1', 0, 32)}${answer.body.length}`,
  );
}
