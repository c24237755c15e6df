import { Buffer } from 'node:buffer';
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type RequestStream, WaveClient } from '../drivers/waves.ts';
import type { Arm } from '../model/round.ts';
import type { OriginProcess } from '../sut/origin-process.ts';
import { Field } from './field.ts';
import type { MachineReader } from './machine-reader.ts';
import { planRound, type RoundShape } from './plan.ts';
import { type MeasuredRound, RoundRun } from './round-run.ts';

const SHAPE: RoundShape = {
  sequentialCycles: 20,
  sequentialRequests: 4,
  sequentialMs: 60_000,
  concurrency: 2,
  loadedRequests: 8,
  loadedMs: 0,
  loadedMinCycles: 10,
  loadedMaxCycles: 10,
  warmUpBlockMs: 0,
  warmUpMinBlocks: 1,
  warmUpMaxMs: 0,
  warmUpVisitMs: 0,
  settleMaxMs: 10,
};
const ARMS: readonly Arm[] = [
  { id: 'direct', role: 'direct', name: 'direct' },
  { id: 'reference', role: 'reference', name: 'one' },
  { id: 'candidate', role: 'candidate', name: 'other' },
];
const STREAM: RequestStream = {
  exchanges: [
    {
      method: 'GET',
      target: '/',
      requestBytes: Buffer.from('GET / HTTP/1.1\r\nHost: a\r\n\r\n'),
      answer: { status: 200, body: Buffer.from('ok') },
    },
  ],
  order: new Uint32Array(4),
};

let server: Server;
let port = 0;
const clients: WaveClient[] = [];
let seen = 0;

/** One plain server stands for the origin and for every proxy. */
beforeEach(async () => {
  server = createServer((socket) => {
    socket.on('error', () => {});
    socket.on('data', () => {
      seen += 1;
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  port = address.port;
});

afterEach(async () => {
  for (const client of clients.splice(0)) client.close();
  server.close();
  await once(server, 'close');
});

async function run(
  machine: Partial<MachineReader>,
): Promise<{ round: MeasuredRound; warm: ReadonlyMap<string, number> }> {
  const origin: OriginProcess = {
    pid: process.pid,
    host: '127.0.0.1',
    port,
    counters: async () => ({
      requests: seen,
      unknown: 0,
      malformed: 0,
      wrongBody: 0,
      connections: 1,
    }),
    assertAlive: () => {},
    stop: async () => {},
  };
  const contestants = ARMS.map((arm) => {
    const client = new WaveClient({ label: arm.id, host: '127.0.0.1', port }, STREAM);
    return { arm, client, clock: null, sut: null };
  });
  clients.push(...contestants.map(({ client }) => client));
  const signal = new AbortController().signal;
  const warm = new Map<string, number>();
  let nowMs = 0;
  const round = await new RoundRun(new Field({ contestants, origin, shape: SHAPE, signal }), {
    plan: planRound(
      1,
      0,
      ARMS.map(({ id }) => id),
      SHAPE,
    ),
    affinity: null,
    onProgress: () => {},
    onTimes: ({ id }, times) => warm.set(id, times.length),
    machine: {
      now: () => {
        nowMs += 100;
        return nowMs;
      },
      ticks: () => null,
      driverCpuMs: () => 0,
      throttledMs: () => 0,
      ...machine,
    },
  }).run();
  return { round, warm };
}

const codes = ({ warnings }: MeasuredRound): string[] => warnings.map(({ code }) => code);

test('the cycles of a disturbed block are left out of every arm, and counted', async () => {
  let [readings, stolen] = [0, 0];
  // Each reading is 100 ticks after the last, of which none is stolen but for one block.
  const ticks = (): { total: number; stolen: number } => {
    readings += 1;
    if (readings === 6) stolen += 60;
    return { total: 100 * readings, stolen };
  };
  const { round, warm } = await run({ ticks });
  expect(round.signals).toMatchObject({ cycles: 29, cyclesDiscarded: 1 });
  const counted = (SHAPE.sequentialCycles - 1) * (SHAPE.sequentialRequests - 1);
  expect(Object.fromEntries(warm)).toEqual({
    direct: counted,
    reference: counted,
    candidate: counted,
  });
});

test('a quiet machine leaves nothing to be doubted', async () => {
  const { round, warm } = await run({});
  expect(round.signals).toMatchObject({ cycles: 30, cyclesDiscarded: 0, stealFraction: null });
  expect(warm.get('candidate')).toBe(SHAPE.sequentialCycles * (SHAPE.sequentialRequests - 1));
  expect(codes(round)).toEqual([]);
});

test('the direct arm has a loaded wave in every fourth cycle, every proxy in each', async () => {
  const { arms } = (await run({})).round;
  const sequential = SHAPE.sequentialCycles * SHAPE.sequentialRequests;
  const loadedWaves = (arm: string): number =>
    ((arms[arm]?.requests ?? 0) - sequential) / SHAPE.loadedRequests;
  expect(['direct', 'reference', 'candidate'].map(loadedWaves)).toEqual([3, 10, 10]);
});

test('a driver that works through all waves of proxies is doubted', async () => {
  let cpuMs = 0;
  const driverCpuMs = (): number => {
    cpuMs += 10_000;
    return cpuMs;
  };
  expect(codes((await run({ driverCpuMs })).round)).toEqual(['driver-saturated']);
});

test('time held back by a CPU limit is taken relative to the round', async () => {
  const holding = (ms: number): (() => number) => {
    let readings = 0;
    return () => ms * readings++;
  };
  expect(codes((await run({ throttledMs: holding(1) })).round)).toEqual(['throttled']);
  expect(codes((await run({ throttledMs: holding(1e5) })).round)).toEqual(['throttled-hard']);
});
