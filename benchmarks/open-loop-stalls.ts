/**
 * Does the open-loop driver report what arithmetic predicts of an origin with a constant delay that
 * stands still now and then? Its 50th and 99th percentile must be within 3 % or 1 ms of it. A closed
 * loop (autocannon, 10 connections) on the same origin is shown beside: it stops asking while the
 * origin stands still, so that its 99th percentile knows nothing of the stalls.
 *
 * Exit code 3: the driver was late itself, so that a figure that is off says nothing.
 *
 *   node benchmarks/open-loop-stalls.ts [--periods 6] [--rate 1000]
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { OpenLoopClient } from '../harness/drivers/open-loop.ts';
import { planSchedule } from '../harness/drivers/open-loop-schedule.ts';
import { type Saturation, saturate } from '../harness/drivers/saturation.ts';
import { LatencyHistogram } from '../harness/stats/latency-histogram.ts';
import { detectAffinity } from '../harness/sut/affinity.ts';
import { scriptOptions } from '../scripts/script-options.ts';

/** What the origin does. Milliseconds; the stall is longer than the delay. */
export interface Stalls {
  readonly delayMs: number;
  readonly stallMs: number;
  readonly periodMs: number;
}

export const ISSUE_STALLS: Stalls = { delayMs: 25, stallMs: 500, periodMs: 5000 };

export interface StallsOptions extends Stalls {
  /** Whole periods, so that every moment of one is met equally often. */
  readonly periods: number;
  readonly ratePerSecond: number;
}

export interface StallsResult {
  readonly open: Readonly<
    Record<'p50Ms' | 'p99Ms' | 'lagP50Us' | 'lagP99Us' | 'lagMaxUs', number>
  > & {
    readonly requests: number;
    readonly failed: number;
  };
  readonly closed: Saturation;
}

/**
 * The quantile that arithmetic predicts. Of each period, a request that comes in the stall, a ms
 * after its beginning, takes stall - a + delay: it is read at the stall's end. One that comes up to a
 * delay before the stall, u ms, is answered at its end and takes stall + u. All others take the
 * delay. So x ms are exceeded, for x from the stall to the stall and the delay, by 2 (stall + delay -
 * x) ms of arrivals, and for x below, down to the delay, by stall + 2 delay - x.
 */
export function predictedMs(fraction: number, { delayMs, stallMs, periodMs }: Stalls): number {
  const slowerMs = (1 - fraction) * periodMs;
  if (slowerMs <= 2 * delayMs) return stallMs + delayMs - slowerMs / 2;
  return slowerMs < stallMs + delayMs ? stallMs + 2 * delayMs - slowerMs : delayMs;
}

const EXCHANGE = {
  method: 'GET',
  target: '/',
  requestBytes: Buffer.from('GET / HTTP/1.1\r\nHost: www.example.com\r\n\r\n'),
  answer: { status: 200, body: Buffer.from('ok') },
};
const STREAM = { exchanges: [EXCHANGE], order: Uint32Array.of(0) };
const CLOSED_CONNECTIONS = 10;
/** A driver whose lag exceeds this at the 99th percentile makes figures that are its own. */
const MOST_LAG_US = 1000;

/** Measures both. Leaves no process. */
export async function measureStalls(options: StallsOptions): Promise<StallsResult> {
  const { delayMs, stallMs, periodMs, periods } = options;
  const origin = fork(
    fileURLToPath(new URL('./fixtures/stalling-origin.ts', import.meta.url)),
    [delayMs, stallMs, periodMs].map(String),
  );
  const { affinity } = detectAffinity();
  try {
    const [{ port }] = (await once(origin, 'message')) as [{ port: number }];
    if (affinity !== null && origin.pid !== undefined) {
      affinity.pin([origin.pid], affinity.sutCpu);
      affinity.pin([process.pid], affinity.loadCpu);
    }
    const target = { label: 'the stalling origin', host: '127.0.0.1', port } as const;
    const open = await runOpen(target, options);
    const closed = await saturate({
      target,
      stream: STREAM,
      connections: CLOSED_CONNECTIONS,
      durationMs: periods * periodMs,
      signal: new AbortController().signal,
    });
    return { open, closed };
  } finally {
    affinity?.release([process.pid]);
    origin.kill('SIGKILL');
    await once(origin, 'exit');
  }
}

async function runOpen(
  target: { readonly label: string; readonly host: string; readonly port: number },
  { delayMs, stallMs, periodMs, periods, ratePerSecond }: StallsOptions,
): Promise<StallsResult['open']> {
  const client = new OpenLoopClient(target, STREAM);
  // As many as come during a stall and the delay, and some: no request waits for a connection.
  await client.ensureOpen(Math.ceil(((stallMs + 2 * delayMs) / 1000) * ratePerSecond * 1.2) + 10);
  const schedule = (durationMs: number): Float64Array =>
    planSchedule({ arrivals: 'constant', ratePerSecond, durationMs, seed: 1 });
  try {
    await client.run({ schedule: schedule(periodMs / 4), position: 0 });
    const run = await client.run({ schedule: schedule(periods * periodMs), position: 0 });
    if (run.waited > 0) throw new Error(`${run.waited} requests waited for a connection`);
    const [latencies, lags] = [new LatencyHistogram(), new LatencyHistogram()];
    latencies.record(run.latencyUs);
    lags.record(run.lagUs);
    const of = (histogram: LatencyHistogram, fraction: number): number =>
      histogram.quantileUs(fraction) ?? Number.NaN;
    return {
      requests: run.due,
      failed: run.due - run.answered,
      p50Ms: of(latencies, 0.5) / 1000,
      p99Ms: of(latencies, 0.99) / 1000,
      lagP50Us: of(lags, 0.5),
      lagP99Us: of(lags, 0.99),
      lagMaxUs: of(lags, 1),
    };
  } finally {
    client.close();
  }
}

if (import.meta.main) {
  const { values } = scriptOptions({
    options: {
      periods: { type: 'string', default: '6' },
      rate: { type: 'string', default: '1000' },
    },
  });
  const { open, closed } = await measureStalls({
    ...ISSUE_STALLS,
    periods: Number(values.periods),
    ratePerSecond: Number(values.rate),
  });
  const late = open.lagP99Us > MOST_LAG_US;
  for (const [fraction, found, beside] of [
    [0.5, open.p50Ms, closed.serviceP50Ms],
    [0.99, open.p99Ms, closed.serviceP99Ms],
  ] as const) {
    const predicted = predictedMs(fraction, ISSUE_STALLS);
    const allowed = Math.max(1, 0.03 * predicted);
    const holds = Math.abs(found - predicted) <= allowed;
    console.log(
      `p${fraction * 100}: predicted ${predicted.toFixed(1)} ms, open loop ${found.toFixed(2)} ms: ${holds ? 'within' : 'NOT within'} ${allowed.toFixed(1)} ms; closed loop (autocannon) ${beside.toFixed(1)} ms`,
    );
    if (!holds) process.exitCode = late ? 3 : 1;
  }
  if (late) console.log('The driver itself was late: something else used its CPU. Run it again.');
  console.log(
    `open loop: ${open.requests} requests at ${values.rate} a second, ${open.failed} failed; release lag p50 ${open.lagP50Us.toFixed(1)} µs, p99 ${open.lagP99Us.toFixed(0)} µs, at most ${open.lagMaxUs.toFixed(0)} µs`,
  );
  console.log(
    `closed loop: ${closed.requests} requests on ${CLOSED_CONNECTIONS} connections, ${closed.requestsPerSecond.toFixed(0)} a second`,
  );
}
