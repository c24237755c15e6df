import { Buffer } from 'node:buffer';
import { createServer, type Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import { quantile, sorted } from '../stats/quantile.ts';
import type { LoadExchange } from './answer-reader.ts';
import { type Behaviour, SimulatedServer, SimulatedTime, TARGET } from './fixtures/simulated.ts';
import { OpenLoopClient } from './open-loop.ts';
import type { OpenLoopOptions, OpenLoopRun } from './open-loop-result.ts';
import { planSchedule } from './open-loop-schedule.ts';

const exchangeTo = (target: string): LoadExchange => ({
  method: 'GET',
  target,
  requestBytes: Buffer.from(`GET ${target} HTTP/1.1\r\nHost: a\r\n\r\n`),
  answer: { status: 200, body: Buffer.from('ok') },
});
const stream = {
  exchanges: [exchangeTo('/0'), exchangeTo('/1'), exchangeTo('/2')],
  order: Uint32Array.of(0, 1, 2),
};
const constant = (ratePerSecond: number, durationMs: number): Float64Array =>
  planSchedule({ arrivals: 'constant', ratePerSecond, durationMs, seed: 1 });

interface Simulation {
  readonly behave: Behaviour;
  readonly schedule: Float64Array;
  readonly connections?: number;
  readonly spinMs?: number;
  readonly options?: Partial<OpenLoopOptions>;
  readonly prepare?: (time: SimulatedTime, server: SimulatedServer, startMs: number) => void;
}

/** One run against a simulated server. Moments are given from the start of the run. */
async function simulate({
  behave,
  schedule,
  connections = 100,
  spinMs,
  options,
  prepare,
}: Simulation): Promise<{ run: OpenLoopRun; server: SimulatedServer; client: OpenLoopClient }> {
  const time = new SimulatedTime();
  const startMs = time.now();
  const server = new SimulatedServer(time, (at, number) => {
    const reply = behave(at - startMs, number);
    return reply === null ? null : { ...reply, atMs: reply.atMs + startMs };
  });
  const client = new OpenLoopClient(TARGET, stream, {
    time,
    connect: server.connect,
    ...(spinMs === undefined ? {} : { spinMs }),
  });
  await client.ensureOpen(connections);
  prepare?.(time, server, startMs);
  const run = await time.until(client.run({ schedule, position: 0, ...options }));
  return { run, server, client };
}

const answersAfter =
  (delayMs: number): Behaviour =>
  (atMs) => ({ atMs: atMs + delayMs });

describe('the schedule', () => {
  test('is kept whatever the answers do', async () => {
    const schedule = constant(1000, 200);
    const slow = await simulate({ behave: answersAfter(90), schedule, connections: 200 });
    const fast = await simulate({ behave: answersAfter(1), schedule, connections: 200 });
    for (const { server, run } of [slow, fast]) {
      server.arrivalsMs.forEach((at, index) => {
        expect(at - 1000 - (schedule[index] ?? 0)).toBeLessThan(0.05);
      });
      expect(run).toMatchObject({ due: 200, answered: 200, waited: 0, complete: true });
    }
  });

  test('sends the stream in its order from the position on, cyclically', async () => {
    const { server } = await simulate({
      behave: answersAfter(1),
      schedule: constant(1000, 5),
      options: { position: 1 },
    });
    expect(server.targets).toEqual(['/1', '/2', '/0', '/1', '/2']);
  });

  test('of no requests ends at once', async () => {
    const { run } = await simulate({ behave: answersAfter(1), schedule: constant(1000, 0) });
    expect(run).toMatchObject({ due: 0, answered: 0, complete: true });
  });

  test('is kept by a driver that sleeps between the moments, give or take its timers', async () => {
    const { run } = await simulate({
      behave: answersAfter(1),
      schedule: constant(20, 500),
      spinMs: 1,
    });
    expect(run.answered).toBe(10);
    expect(Math.max(...run.lagUs)).toBeLessThan(1000);
    expect(run.busyFraction).toBeLessThan(0.2);
  });
});

describe('latency', () => {
  test('counts from the intended moment, the wait for a free connection included', async () => {
    const { run } = await simulate({
      behave: answersAfter(10),
      schedule: constant(1000, 4),
      connections: 1,
    });
    // One connection: the answers come after 10, 20, 30, 40 ms; the requests were due at 0, 1, 2, 3.
    expect([...run.latencyUs].map((us) => Math.round(us / 1000))).toEqual([10, 19, 28, 37]);
    expect(run.waited).toBe(3);
    expect(Math.max(...run.lagUs)).toBeLessThan(50);
  });

  /**
   * An origin with a constant delay of 25 ms that stands still for 500 ms every 5 s, and starts no
   * work meanwhile. Of 5,000 ms, requests that come in 4,475 take 25 ms. One that comes a ms into
   * the stall takes 500 - a + 25, one that comes u ms (up to 25) before it takes 500 + u. So x ms
   * are exceeded, for x from 500 to 525, by 2 (525 - x) ms of arrivals: 50 of them, 1 %, lie
   * beyond 500 ms. The median is 25 ms.
   */
  const stalling: Behaviour = (atMs) => {
    const stallEnd = (moment: number): number =>
      moment % 5000 >= 2000 && moment % 5000 < 2500 ? moment - (moment % 5000) + 2500 : moment;
    return { atMs: stallEnd(stallEnd(atMs) + 25) };
  };

  test.each(['constant', 'poisson'] as const)(
    'under %s arrivals is what arithmetic predicts of an origin that stalls',
    async (arrivals) => {
      const schedule = planSchedule({ arrivals, ratePerSecond: 400, durationMs: 20_000, seed: 5 });
      const { run } = await simulate({ behave: stalling, schedule, connections: 400 });
      const latencies = sorted(run.latencyUs);
      expect(quantile(latencies, 0.5) / 1000).toBeCloseTo(25, 1);
      const p99 = quantile(latencies, 0.99) / 1000;
      expect(Math.abs(p99 - 500)).toBeLessThan(arrivals === 'constant' ? 1 : 15);
      expect(run.waited).toBe(0);
    },
  );

  test('of a closed loop on the same origin does not show the stalls at the 99th percentile', () => {
    // Each of a closed loop's connections meets a stall once in about 180 requests.
    const times: number[] = [];
    for (let at = 0; at < 20_000; ) {
      const reply = stalling(at, 0);
      if (reply === null) break;
      times.push(reply.atMs - at);
      at = reply.atMs;
    }
    expect(quantile(sorted(Float64Array.from(times)), 0.99)).toBe(25);
  });
});

describe('release lag', () => {
  test('is what the driver itself was late by, and latency includes it', async () => {
    const { run } = await simulate({
      behave: answersAfter(2),
      schedule: constant(1000, 100),
      prepare: (time, _server, startMs) => time.pause(startMs + 20.5, startMs + 50),
    });
    expect(Math.round((run.lagUs[21] ?? 0) / 1000)).toBe(29);
    expect(run.lagUs[10]).toBeLessThan(50);
    expect((run.latencyUs[21] ?? 0) - (run.lagUs[21] ?? 0)).toBeGreaterThanOrEqual(2000);
  });

  test('does not grow where the server is what is late', async () => {
    const { run } = await simulate({
      behave: answersAfter(40),
      schedule: constant(1000, 200),
      connections: 10,
    });
    expect(run.waited).toBeGreaterThan(150);
    expect(Math.max(...run.lagUs)).toBeLessThan(50);
  });
});

describe('failures are counted by kind and never stop the schedule', () => {
  test('wrong answers and truncated ones', async () => {
    const { run } = await simulate({
      behave: (atMs, number) => ({
        atMs: atMs + 1,
        ...(number % 10 === 3 ? { failure: 'wrong-body' as const } : {}),
        ...(number % 10 === 7 ? { failure: 'truncated' as const } : {}),
      }),
      schedule: constant(1000, 100),
    });
    expect(run.failures).toEqual({ 'wrong-body': 10, truncated: 10 });
    expect(run.answered).toBe(80);
    expect([...run.latencyUs].filter(Number.isNaN)).toHaveLength(20);
    expect(run.firstFailure).toMatchObject({ kind: 'wrong-body' });
    expect(run.reopened).toBe(20);
  });

  test('a request whose connection is closed under it is sent again, from its intended moment', async () => {
    const { run } = await simulate({
      behave: (atMs, number) => ({
        atMs: atMs + 5,
        ...(number === 0 ? { failure: 'no-answer' as const } : {}),
      }),
      schedule: constant(1000, 3),
    });
    expect(run).toMatchObject({ answered: 3, sentAgain: 1, failures: {} });
    expect(Math.round((run.latencyUs[0] ?? 0) / 1000)).toBe(10);
  });

  test('a request that is left alone again and again has failed', async () => {
    const { run } = await simulate({
      behave: (atMs) => ({ atMs: atMs + 1, failure: 'no-answer' }),
      schedule: constant(1000, 1),
    });
    expect(run).toMatchObject({ answered: 0, sentAgain: 3, failures: { 'no-answer': 1 } });
  });

  test('an answer that never comes is given up after five seconds', async () => {
    const { run } = await simulate({
      behave: (atMs, number) => (number === 2 ? null : { atMs: atMs + 1 }),
      schedule: constant(1000, 10),
    });
    expect(run).toMatchObject({ answered: 9, failures: { timeout: 1 }, unanswered: 0 });
  });

  test('connections that cannot be opened again are told, and tried again', async () => {
    const { run, server } = await simulate({
      behave: (atMs, number) => ({
        atMs: atMs + 1,
        ...(number === 0 ? { failure: 'truncated' as const } : {}),
      }),
      schedule: constant(1000, 5),
      connections: 2,
      prepare: (_time, own) => {
        own.refuses = true;
      },
    });
    expect(run).toMatchObject({ answered: 4, failures: { truncated: 1, 'connect-failed': 1 } });
    expect(server.opened).toBe(2);
  });
});

describe('an end before all is answered', () => {
  test('comes when patience is out: what is left counts with the age that it has reached', async () => {
    const { run, client } = await simulate({
      behave: (atMs, number) => (number === 0 ? { atMs: atMs + 1 } : null),
      schedule: constant(1000, 4),
      connections: 2,
      options: { patienceMs: 100 },
    });
    expect(run).toMatchObject({ answered: 1, unanswered: 3, complete: true });
    expect([...run.latencyUs].map((us) => Math.round(us / 1000))).toEqual([1, 102, 101, 100]);
    client.close();
  });

  test('comes when the signal says so, with what was measured until then', async () => {
    const controller = new AbortController();
    const { run } = await simulate({
      behave: answersAfter(1),
      schedule: constant(1000, 1000),
      options: { signal: controller.signal },
      prepare: (time, _server, startMs) => time.at(startMs + 99.5, () => controller.abort()),
    });
    expect(run).toMatchObject({ due: 100, answered: 99, unanswered: 1, complete: false });
    expect(run.scheduleMs).toHaveLength(100);
  });

  test('leaves no request on a connection that the next run would take', async () => {
    const time = new SimulatedTime();
    let stuck = true;
    const server = new SimulatedServer(time, (at) => (stuck ? null : { atMs: at + 1 }));
    const client = new OpenLoopClient(TARGET, stream, { time, connect: server.connect });
    await client.ensureOpen(3);
    const first = client.run({ schedule: constant(1000, 3), position: 0, patienceMs: 10 });
    expect(await time.until(first)).toMatchObject({ answered: 0, unanswered: 3 });
    stuck = false;
    const second = client.run({ schedule: constant(1000, 6), position: 0 });
    expect(await time.until(second)).toMatchObject({ answered: 6, unanswered: 0, waited: 0 });
  });
});

test('every connection is used in turn', async () => {
  const time = new SimulatedTime();
  const used: number[] = [];
  const server = new SimulatedServer(time, (at) => ({ atMs: at + 0.1 }));
  let made = 0;
  const client = new OpenLoopClient(TARGET, stream, {
    time,
    connect: () => {
      const number = made++;
      const connection = server.connect();
      const send = connection.send.bind(connection);
      return Object.defineProperties(connection, {
        send: {
          value: (...args: Parameters<typeof send>) => {
            used.push(number);
            send(...args);
          },
        },
      });
    },
  });
  await client.ensureOpen(5);
  await time.until(client.run({ schedule: constant(1000, 10), position: 0 }));
  expect(used).toEqual([0, 1, 2, 3, 4, 0, 1, 2, 3, 4]);
});

test('once a second somebody may look', async () => {
  const seen: number[] = [];
  await simulate({
    behave: answersAfter(1),
    schedule: constant(10, 3500),
    options: { onSecond: ({ due }) => seen.push(due) },
  });
  expect(seen).toEqual([11, 21, 31]);
});

test('against a real server every answer is read and checked', async () => {
  const sockets = new Set<Socket>();
  let requests = 0;
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('data', () => {
      requests += 1;
      const body = requests === 20 ? 'no' : 'ok';
      socket.write(`HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n${body}`);
      if (requests % 7 === 0) socket.end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const client = new OpenLoopClient({ ...TARGET, port: address.port }, stream);
  await client.ensureOpen(4);
  const run = await client.run({ schedule: constant(500, 200), position: 0 });
  client.close();
  for (const socket of sockets) socket.destroy();
  await new Promise((resolve) => server.close(resolve));
  expect(run).toMatchObject({ due: 100, answered: 99, failures: { 'wrong-body': 1 } });
  expect(run.reopened).toBeGreaterThan(10);
  expect([...run.latencyUs].filter((us) => us > 0)).toHaveLength(99);
});
