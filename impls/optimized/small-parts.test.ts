/** Modules that a handful of calls say everything about, each by its contract. */

import { once } from 'node:events';
import type { Socket } from 'node:net';
import { type AddressInfo, createServer } from 'node:net';
import { describe, expect, test } from 'vitest';
import { createPolicy } from '../policy/load.ts';
import { BufferPool } from './buffer-pool.ts';
import { createComponents } from './components.ts';
import { copyAnswerHead } from './field-copies.ts';
import { testPolicy } from './fixtures/policy.ts';
import { HEAD_INCOMPLETE, HEAD_READ } from './framing.ts';
import { hopOf } from './hop.ts';
import { equalsIgnoringCase, identifyField, OTHER } from './known-fields.ts';
import { LogWriter } from './log-writer.ts';
import { Outgoing } from './outgoing.ts';
import { PatternCache } from './pattern-cache.ts';
import { peerAddress } from './peer-address.ts';
import { RequestHead } from './request-head.ts';
import { HEAD_MALFORMED, ResponseHead } from './response-head.ts';
import { compilePolicy } from './snapshot.ts';
import { dropAnswer, errorAnswer, sentBodyBytes } from './synthetic.ts';
import { Timeouts } from './timeouts.ts';
import { trustedBy } from './trusted-peers.ts';
import { UpstreamPool } from './upstream-pool.ts';

describe("a peer's address", () => {
  test.each([
    ['10.0.0.7', '10.0.0.7'],
    ['::ffff:10.0.0.7', '10.0.0.7'],
    ['::ffff:a00:7', '::ffff:a00:7'],
    ['::1', '::1'],
    [undefined, 'unknown'],
  ])('%s is shown as %s', (remoteAddress, shown) => {
    expect(peerAddress({ remoteAddress } as Socket)).toBe(shown);
  });
});

test('peers are trusted by address and by block, in either family', () => {
  const trusts = trustedBy(['10.0.0.0/8', '192.168.1.7', 'fd00::/8', '::1']);
  const trusted = ['10.9.8.7', '192.168.1.7', 'fd12::3', '::1'];
  expect(trusted.filter((address) => trusts(address))).toEqual(trusted);
  const others = ['11.0.0.1', '192.168.1.8', 'fe80::1', 'unknown'];
  expect(others.filter((address) => trusts(address))).toEqual([]);
  expect(trustedBy([])('::1')).toBe(false);
});

test('an upstream that is an IPv6 address is named in brackets', () => {
  const { snapshot } = compilePolicy(testPolicy(), new PatternCache(), null);
  const peer = { peer: '::1', scheme: 'http' } as const;
  const hostAt = (port: number): string =>
    hopOf(peer, { protocol: 'http:', host: '::1', port }, snapshot).upstreamHost;
  expect([hostAt(80), hostAt(8080)]).toEqual(['[::1]', '[::1]:8080']);
});

describe('an answer of our own', () => {
  const text = (bytes: Buffer): string => bytes.toString('latin1');

  test('to HEAD has the length of what it leaves out', () => {
    const [get, head] = [errorAnswer(502, true, false), errorAnswer(502, true, true)];
    expect(text(get)).toBe(`${text(head)}Bad Gateway\n`);
    expect([sentBodyBytes(get), sentBodyBytes(head)]).toEqual([12, 0]);
  });

  test('with a status that has no name gets by without one', () => {
    expect(text(errorAnswer(599, false, false))).toMatch(
      /^HTTP\/1\.1 599 \r\n[\s\S]*\r\n\r\nError\n$/,
    );
    const answer = dropAnswer({ statusCode: 299, body: 'x', headers: { A: 'b' } }, false, false);
    expect(text(answer)).toBe('HTTP/1.1 299 \r\nA: b\r\nContent-Length: 1\r\n\r\nx');
  });

  test.each([204, 304])('%d has neither body nor length', (statusCode) => {
    const answer = text(dropAnswer({ statusCode, body: 'x', headers: {} }, true, false));
    expect(answer).toMatch(/^HTTP\/1\.1 \d+ [A-Z][\w ]+\r\nConnection: close\r\n\r\n$/);
  });
});

describe("an upstream's head", () => {
  const read = (text: string): number => {
    const bytes = Buffer.from(text, 'latin1');
    return new ResponseHead().read(bytes, 0, bytes.length, false);
  };

  test('that never ends is malformed once it is too long to wait for', () => {
    const line = `A: ${'x'.repeat(100_000)}\r\n`;
    expect(read(`HTTP/1.1 200 OK\r\n${line}`)).toBe(HEAD_INCOMPLETE);
    expect(read(`HTTP/1.1 200 OK\r\n${line.repeat(3)}`)).toBe(HEAD_MALFORMED);
  });

  test.each([
    ['is cut within the reason', 'HTTP/1.1 200 Fin', HEAD_INCOMPLETE],
    ['is cut before the line feed', 'HTTP/1.1 200 Fine\r', HEAD_INCOMPLETE],
    ['ends in a byte that no reason has', 'HTTP/1.1 200 Fi\x01', HEAD_MALFORMED],
    [
      'has a coding as long as chunked',
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: deflate\r\n\r\n',
      HEAD_MALFORMED,
    ],
    ['has a shorter coding', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n', HEAD_MALFORMED],
  ])('that %s', (_, text, result) => {
    expect(read(text)).toBe(result);
  });

  test.each([
    ['200', 'HTTP/1.1 200 OK'],
    ['299', 'HTTP/1.1 299 '],
    ['200 Fine', 'HTTP/1.1 200 Fine'],
  ])('copied field by field gets a reason if %s has none', (status, line) => {
    const bytes = Buffer.from(`HTTP/1.1 ${status}\r\nA: b\r\n\r\n`, 'latin1');
    const head = new ResponseHead();
    expect(head.read(bytes, 0, bytes.length, false)).toBe(HEAD_READ);
    const out = new Outgoing(new BufferPool());
    copyAnswerHead(out, bytes, head, false, false);
    expect(out.take().toString('latin1')).toBe(`${line}\r\nA: b\r\n\r\n`);
  });
});

test('a target in absolute form needs no Host in HTTP/1.0', () => {
  const { limits } = testPolicy();
  const read = (text: string): number => {
    const bytes = Buffer.from(text, 'latin1');
    return new RequestHead().read(bytes, 0, bytes.length, limits);
  };
  expect(read('GET http://x/a HTTP/1.0\r\n\r\n')).toBe(HEAD_READ);
  expect(read('GET http://x/a HTTP/1.1\r\n\r\n')).toBe(400);
  expect(read('GET http://x/a HTTP/1.1\r\nHost: y\r\n\r\n')).toBe(400);
});

test('a field name that is longer than any known one is another', () => {
  const name = Buffer.from('Content-Security-Policy-Report-Only');
  expect(identifyField(name, 0, name.length)).toBe(OTHER);
  expect(equalsIgnoringCase(name, 0, undefined)).toBe(false);
});

test('patterns are dropped together when there are too many to keep', () => {
  const cache = new PatternCache();
  const ask = (index: number): void => {
    cache.get({ source: `^/${index}$`, flags: '' });
  };
  for (let index = 0; index < 4097; index += 1) ask(index);
  expect(cache.counts).toMatchObject({ hits: 0, misses: 4097 });
  ask(4096);
  ask(0);
  expect(cache.counts).toMatchObject({ hits: 1, misses: 4098 });
});

test('what is assembled may be larger than any read', () => {
  const out = new Outgoing(new BufferPool());
  const large = 'x'.repeat(200_000);
  out.text('a');
  out.text(large);
  out.text('b');
  expect(out.take().toString('latin1')).toBe(`a${large}b`);
});

test('a line beyond the size of a batch is written whole, and a sink may say twice that it is done', async () => {
  const writes: number[] = [];
  const log = new LogWriter(
    {
      write: (bytes, done) => {
        writes.push(bytes.length);
        done(null);
        done(null);
      },
    },
    8 * 1024 * 1024,
  );
  log.add(`${'x'.repeat(1_000_000)}\n`);
  log.add('short\n');
  await log.close(1000);
  expect(writes.reduce((sum, length) => sum + length, 0)).toBe(1_000_007);
  expect(log.written).toBe(2);
});

test('a head that is refused is no operand of a component', () => {
  const filter = createComponents().headFilter(createPolicy(), '10.0.0.1');
  expect(() => filter.filter(Buffer.from('GET / HTTP/1.1\r\n\r\n'))).toThrow('refused with 400');
});

describe('idle upstream connections', () => {
  const clock = { nowMs: () => 0, monotonicMs: () => 1 };

  async function withPool(
    act: (
      pool: UpstreamPool,
      connected: () => Promise<ReturnType<UpstreamPool['open']>>,
    ) => Promise<void>,
  ): Promise<void> {
    const server = createServer((socket) => socket.on('error', () => undefined)).listen(
      0,
      '127.0.0.1',
    );
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const timeouts = new Timeouts(clock, 1000);
    const pool = new UpstreamPool({ protocol: 'http:', host: '127.0.0.1', port }, timeouts);
    try {
      await act(pool, async () => {
        const connection = pool.open();
        await once(connection.socket, 'connect');
        return connection;
      });
    } finally {
      await pool.close();
      timeouts.close();
      server.close();
    }
  }

  test('are taken last in, first out, and never one that is gone', () =>
    withPool(async (pool, connected) => {
      const [first, second] = [await connected(), await connected()];
      pool.giveBack(first);
      pool.giveBack(second);
      second.socket.destroy();
      expect(pool.take()).toBe(first);
      expect(pool.take()).toBeNull();
    }));

  test('go when they are old, and not before', () =>
    withPool(async (pool, connected) => {
      const connection = await connected();
      pool.giveBack(connection);
      pool.checkTime(3000);
      expect(connection.socket.destroyed).toBe(false);
      pool.checkTime(60_000);
      expect(connection.socket.destroyed).toBe(true);
    }));

  test('are bounded', () =>
    withPool(async (pool, connected) => {
      const connection = await connected();
      for (let count = 0; count < 1024; count += 1) pool.giveBack(connection);
      expect(connection.socket.destroyed).toBe(false);
      pool.giveBack(connection);
      expect(connection.socket.destroyed).toBe(true);
    }));
});
