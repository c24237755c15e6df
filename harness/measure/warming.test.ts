import { Buffer } from 'node:buffer';
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { type RequestStream, WaveClient } from '../drivers/waves.ts';
import type { OriginProcess } from '../sut/origin-process.ts';
import type { SystemUnderTest } from '../sut/system-under-test.ts';
import type { Contestant } from './contestant.ts';
import { Field } from './field.ts';
import { planRound, SMOKE_SHAPE } from './plan.ts';
import { warmUp } from './warming.ts';

const TARGETS = 12;
const SHAPE = { ...SMOKE_SHAPE, concurrency: 1, loadedRequests: 4, warmUpVisitMs: 60_000 };
const STREAM: RequestStream = {
  exchanges: Array.from({ length: TARGETS }, (_, at) => ({
    method: 'GET',
    target: `/${at}`,
    requestBytes: Buffer.from(`GET /${at} HTTP/1.1\r\nHost: a\r\n\r\n`),
    answer: { status: 200, body: Buffer.from('ok') },
  })),
  // Every request is the first target's but for one of each other.
  order: Uint32Array.from({ length: 4 * TARGETS }, (_, at) => (at < TARGETS ? at : 0)),
};

const servers: Server[] = [];
const clients: WaveClient[] = [];

afterEach(async () => {
  for (const client of clients.splice(0)) client.close();
  for (const server of servers.splice(0)) {
    server.close();
    await once(server, 'close');
  }
});

/** A server that says which target it is asked for, and answers when that has resolved. */
async function serve(asked: (target: string) => Promise<void>): Promise<number> {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.on('data', (bytes) => {
      void asked(bytes.toString().split(' ')[1] ?? '').then(() =>
        socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'),
      );
    });
  }).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

interface Proxies {
  readonly field: Field;
  /** By proxy, the targets that it was asked for, in order. */
  readonly asked: ReadonlyMap<string, readonly string[]>;
}

async function proxies(
  answerWhen: (id: string, target: string) => Promise<void> = async () => {},
): Promise<Proxies> {
  let seen = 0;
  const asked = new Map<string, string[]>();
  const contestants: Contestant[] = [];
  for (const id of ['reference', 'candidate'] as const) {
    const own: string[] = [];
    asked.set(id, own);
    const port = await serve(async (target) => {
      seen += 1;
      own.push(target);
      await answerWhen(id, target);
    });
    const client = new WaveClient({ label: id, host: '127.0.0.1', port }, STREAM);
    clients.push(client);
    const memory = { rssBytes: 1, allocatedBytes: 1, gcTimeMs: 0, collections: [] };
    const sut = { label: id, kind: 'module', memory: async () => memory } as unknown;
    const arm = { id, role: id, name: id };
    contestants.push({ arm, client, clock: null, sut: sut as SystemUnderTest });
  }
  const counted = { unknown: 0, malformed: 0, wrongBody: 0, connections: 1 };
  const origin: OriginProcess = {
    pid: process.pid,
    host: '127.0.0.1',
    port: 1,
    counters: async () => ({ requests: seen, ...counted }),
    assertAlive: () => {},
    stop: async () => {},
  };
  const signal = new AbortController().signal;
  return { field: new Field({ contestants, origin, shape: SHAPE, signal }), asked };
}

const plan = planRound(1, 0, ['reference', 'candidate'], SHAPE);

test('every proxy is asked for each target twice before its blocks', async () => {
  const { field, asked } = await proxies();
  await warmUp(field, plan, () => {});
  for (const own of asked.values()) {
    const first = own.slice(0, 2 * TARGETS);
    expect([...new Set(first)]).toHaveLength(TARGETS);
    for (let at = 0; at < first.length; at += 2) expect(first[at]).toBe(first[at + 1]);
  }
});

test('they are visited at a time: each waits for what the other is asked', async () => {
  const met = new Map<string, () => void>();
  const both = new Set<string>();
  const answerWhen = async (id: string, target: string): Promise<void> => {
    if (target !== '/9') return;
    both.add(id);
    if (both.size === 2) for (const go of met.values()) go();
    else await new Promise<void>((resolve) => met.set(id, resolve));
  };
  const { field } = await proxies(answerWhen);
  await warmUp(field, plan, () => {});
  expect(both.size).toBe(2);
});

test('one that answers by itself is told from one that forwards', async () => {
  const { field } = await proxies();
  const before = await field.origin.counters();
  const deaf: OriginProcess = { ...field.origin, counters: async () => before };
  const parts = { contestants: field.contestants, shape: SHAPE, origin: deaf };
  const alone = new Field({ ...parts, signal: new AbortController().signal });
  await expect(warmUp(alone, plan, () => {})).rejects.toMatchObject({ code: 'not-forwarded' });
});

test('where one fails the others are done before that is told', async () => {
  const { field, asked } = await proxies();
  const [first, second] = field.contestants;
  if (first === undefined || second === undefined) throw new Error('no contestants');
  const broken: Contestant = {
    ...second,
    client: Object.assign(Object.create(second.client) as WaveClient, {
      visit: (...args: Parameters<WaveClient['visit']>) =>
        args[1] === 0 ? second.client.visit(...args) : Promise.reject(new Error('broken')),
    }),
  };
  Object.defineProperty(broken.client, 'tour', { value: second.client.tour });
  Object.defineProperty(broken.client, 'answered', { get: () => second.client.answered });
  const parts = { contestants: [first, broken], origin: field.origin, shape: SHAPE };
  const two = new Field({ ...parts, signal: new AbortController().signal });
  await expect(warmUp(two, plan, () => {})).rejects.toThrow('broken');
  expect(asked.get('reference')).toHaveLength(2 * TARGETS);
});
