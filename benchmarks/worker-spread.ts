/**
 * What does it cost to spread connections over two workers, by each of the ways that Node has, and
 * how evenly do they do it? CPU time of all processes of the proxy, for a connection that carries one
 * request, and for a request on a connection that lasts; every way in every round, in random order.
 *
 *   node benchmarks/worker-spread.ts [--rounds 8] [--seed 1] [--smoke]
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server } from 'node:net';
import { fileURLToPath } from 'node:url';
import { createRandom, shuffled } from '../harness/model/random.ts';
import { median } from '../harness/stats/quantile.ts';
import { TreeClock } from '../harness/sut/tree-clock.ts';
import { scriptOptions } from '../scripts/script-options.ts';
import type { SpreadMode, SpreadReady } from './fixtures/spread-server.ts';
import { describeEstimate, estimatePaired, type PairedEstimate } from './paired-estimate.ts';

export interface SpreadOptions {
  readonly rounds: number;
  readonly seed: number;
  /** Connections of one request a round. */
  readonly connections: number;
  /** Requests a round on each of 64 connections. */
  readonly requests: number;
}

/** Of one way. */
export interface SpreadFigures {
  /** CPU time over that of `kernel`, paired by rounds. */
  readonly perConnection: PairedEstimate;
  readonly perRequest: PairedEstimate;
  /** Median over rounds: the share of the 64 connections that the busier worker had, 0.5 to 1. */
  readonly largestShare: number;
}

const MODES: readonly SpreadMode[] = ['kernel', 'cluster', 'cluster-shared', 'one'];
const SERVER = fileURLToPath(new URL('./fixtures/spread-server.ts', import.meta.url));
const REQUEST = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';
const ANSWER = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';
const AT_ONCE = 32;
const LASTING = 64;

interface Contestant extends SpreadReady {
  readonly child: ChildProcess;
  readonly clock: TreeClock;
  readonly perConnection: number[];
  readonly perRequest: number[];
  readonly shares: number[];
}

/** Measures. Leaves no process. */
export async function measureSpread(
  options: SpreadOptions,
): Promise<Readonly<Record<SpreadMode, SpreadFigures>>> {
  const origin = await startOrigin();
  const contestants = new Map<SpreadMode, Contestant>();
  try {
    for (const mode of MODES) contestants.set(mode, await start(mode, origin));
    const random = createRandom(options.seed);
    // The first round warms up.
    for (let round = 0; round <= options.rounds; round += 1) {
      for (const mode of shuffled(MODES, random)) {
        const contestant = contestants.get(mode);
        if (contestant !== undefined) await measure(contestant, options, round > 0);
      }
    }
    const kernel = contestants.get('kernel');
    const figures = MODES.map((mode) => {
      const one = contestants.get(mode);
      return [
        mode,
        {
          perConnection: estimatePaired(one?.perConnection ?? [], kernel?.perConnection ?? []),
          perRequest: estimatePaired(one?.perRequest ?? [], kernel?.perRequest ?? []),
          largestShare: median(one?.shares ?? []),
        },
      ];
    });
    return Object.fromEntries(figures);
  } finally {
    for (const { child, clock } of contestants.values()) {
      clock.close();
      child.disconnect();
    }
    origin.close();
  }
}

async function startOrigin(): Promise<Server> {
  const server = createServer({ noDelay: true }, (socket) => {
    socket.on('error', () => {});
    socket.on('data', () => socket.write(ANSWER));
  });
  server.listen({ host: '127.0.0.1', port: 0, backlog: 4096 });
  await once(server, 'listening');
  return server;
}

async function start(mode: SpreadMode, origin: Server): Promise<Contestant> {
  const { port } = origin.address() as AddressInfo;
  const child = fork(SERVER, [mode, String(port)]);
  const ready = await new Promise<SpreadReady>((resolve, reject) => {
    child.once('message', (message: SpreadReady) => resolve(message));
    child.once('exit', (code) => reject(new Error(`${mode} ended with code ${code}`)));
  });
  const clock = new TreeClock(() => ready.pids);
  return { ...ready, child, clock, perConnection: [], perRequest: [], shares: [] };
}

async function measure(
  { child, clock, port, perConnection, perRequest, shares }: Contestant,
  { connections, requests }: SpreadOptions,
  counts: boolean,
): Promise<void> {
  clock.refresh();
  const begun = clock.readNs();
  await spread(connections, AT_ONCE, () => exchange(port, 1));
  const between = clock.readNs();
  await countsOf(child);
  await spread(LASTING, LASTING, () => exchange(port, requests));
  const ended = clock.readNs();
  const had = await countsOf(child);
  if (!counts) return;
  perConnection.push((between - begun) / connections);
  perRequest.push((ended - between) / (LASTING * requests));
  shares.push(Math.max(...had) / LASTING);
}

async function countsOf(child: ChildProcess): Promise<readonly number[]> {
  child.send('count');
  const [counts] = (await once(child, 'message')) as [readonly number[]];
  return counts;
}

/** So many calls, so many of them at once. */
async function spread(count: number, atOnce: number, call: () => Promise<void>): Promise<void> {
  let begun = 0;
  const worker = async (): Promise<void> => {
    while (begun < count) {
      begun += 1;
      await call();
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}

/** So many requests on a connection, one after the other. */
function exchange(port: number, requests: number): Promise<void> {
  return new Promise((resolve, reject) => {
    let answers = 0;
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    socket.write(REQUEST);
    socket.on('error', reject);
    socket.on('data', () => {
      answers += 1;
      if (answers < requests) socket.write(REQUEST);
      else socket.end(() => resolve());
    });
  });
}

if (import.meta.main) {
  const { values } = scriptOptions({
    options: {
      rounds: { type: 'string', default: '8' },
      seed: { type: 'string', default: '1' },
      smoke: { type: 'boolean', default: false },
    },
  });
  const figures = await measureSpread({
    rounds: values.smoke ? 1 : Number(values.rounds),
    seed: Number(values.seed),
    connections: values.smoke ? 100 : 4000,
    requests: values.smoke ? 5 : 300,
  });
  console.log(
    'CPU time over that of kernel   a connection            a request               share of the busier',
  );
  for (const mode of MODES) {
    const { perConnection, perRequest, largestShare } = figures[mode];
    const cells = [perConnection, perRequest].map((one) => describeEstimate(one, 2).padEnd(23));
    console.log(`${mode.padEnd(30)} ${cells.join(' ')} ${(100 * largestShare).toFixed(0)} %`);
  }
}
