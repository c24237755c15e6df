import { Buffer } from 'node:buffer';
import { expect, test } from 'vitest';
import type { LoadExchange } from './answer-reader.ts';
import { exchangeAt, tourOf } from './request-stream.ts';

const exchange = (method: string, target: string): LoadExchange => ({
  ...{ method, target, requestBytes: Buffer.alloc(0) },
  answer: { status: 200, body: Buffer.alloc(0) },
});

const stream = {
  exchanges: [
    exchange('GET', '/rare'),
    exchange('GET', '/often'),
    // Another client asks for the same.
    exchange('GET', '/often'),
    exchange('HEAD', '/often'),
    exchange('GET', '/never'),
  ],
  order: Uint32Array.of(1, 1, 2, 3, 1, 0, 3, 1),
};

test('a tour visits what is asked for, the most frequent first and each twice in a row', () => {
  const tour = tourOf(stream);
  expect([...tour.order]).toEqual([1, 1, 3, 3, 0, 0]);
  expect(tour.exchanges).toBe(stream.exchanges);
});

test('positions go round the order', () => {
  expect(exchangeAt(stream, 5)).toBe(stream.exchanges[0]);
  expect(exchangeAt(stream, 8)).toBe(stream.exchanges[1]);
});
