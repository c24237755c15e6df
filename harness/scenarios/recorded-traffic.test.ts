import { expect, test } from 'vitest';
import type { RecordedExchange, RecordedScenario } from '../model/scenario.ts';
import { scenarioSchema } from '../model/scenario-schema.ts';
import { prepareTraffic } from './traffic.ts';

const exchange = (
  target: string,
  answer: Partial<RecordedExchange['answer']> = {},
  more: Partial<RecordedExchange> = {},
): RecordedExchange => ({
  method: 'GET',
  target,
  fields: [['Accept', '*/*']],
  bodyBytes: 0,
  answer: { status: 200, fields: [['Content-Type', 'text/plain']], bodyBytes: 10, ...answer },
  ...more,
});

const scenario: RecordedScenario = {
  kind: 'recorded',
  name: 'shop',
  title: 'a shop',
  description: 'Made up.',
  source: { text: 'Made up.', licence: 'MIT' },
  host: 'www.example.com',
  exchanges: [
    exchange('/a'),
    exchange('/b'),
    exchange('/b', { status: 304, bodyBytes: 0 }),
    exchange('/b', {}, { fields: [['Accept', 'text/css']] }),
    exchange('/b', {}, { host: 'cdn.example.com' }),
    exchange('/big', { bodyBytes: 300_000 }),
    exchange('/form', {}, { method: 'POST', bodyBytes: 20 }),
  ],
  order: [0, 1, 0, 2, 6],
};

const heads = (): string[] =>
  prepareTraffic(scenario, 1).exchanges.map(({ requestBytes, requestBody }) =>
    requestBytes.toString('latin1', 0, requestBytes.length - requestBody.length),
  );

test('requests keep their order, and come around again', () => {
  expect([...prepareTraffic(scenario, 1).order]).toEqual([0, 1, 0, 2, 6]);
});

test('only where a target has several answers does a request name its own', () => {
  expect(heads().map((head) => /X-Recorded-Answer: (\d+)/.exec(head)?.[1] ?? null)).toEqual([
    null,
    '0',
    '1',
    '0',
    '0',
    null,
    null,
  ]);
});

test('a request is what was recorded, to its own host', () => {
  expect(heads()[0]).toBe('GET /a HTTP/1.1\r\nHost: www.example.com\r\nAccept: */*\r\n\r\n');
  expect(heads()[4]).toContain('Host: cdn.example.com\r\n');
});

test('bodies have the recorded size, whatever it is, and differ from each other', () => {
  const { exchanges } = prepareTraffic(scenario, 1);
  expect(exchanges.map(({ answer }) => answer.body.length)).toEqual([
    10, 10, 0, 10, 10, 300_000, 10,
  ]);
  expect(exchanges[6]?.requestBody.length).toBe(20);
  expect(exchanges[0]?.answer.body.equals(exchanges[1]?.answer.body ?? Buffer.alloc(0))).toBe(
    false,
  );
});

test('what has the same answer shares it', () => {
  const { exchanges } = prepareTraffic(scenario, 1);
  expect(exchanges[3]?.answer).toBe(exchanges[1]?.answer);
  expect(exchanges[2]?.answer).not.toBe(exchanges[1]?.answer);
});

test.each([
  ['an order that names no exchange', { ...scenario, order: [0, 7] }, 'order'],
  ['a tunnel', { ...scenario, exchanges: [exchange('/', {}, { method: 'CONNECT' })] }, 'exchanges'],
  ['no request', { ...scenario, exchanges: [], order: [] }, 'exchanges'],
  ['a body beyond 16 MiB', { ...scenario, exchanges: [exchange('/', { bodyBytes: 2 ** 25 })] }, ''],
])('%s is refused', (_, document, path) => {
  const result = scenarioSchema.safeParse(document);
  expect(result.success).toBe(false);
  expect(JSON.stringify(result.error?.issues)).toContain(path);
});
