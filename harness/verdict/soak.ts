/**
 * The verdicts of a soak: whether memory stays behind for each request, and whether the process
 * stays below its limit.
 *
 * A leak is a matter of bytes a request, not of a growing process: caches fill and code is compiled
 * for a while in any process. So the slope of the memory that is still held after a forced
 * collection is taken over the requests answered, with the first quarter of the readings left out,
 * and held against half a reference a request: what keeps one object for each keeps eight bytes at
 * the least. Over few requests caches and compiled code still grow by as much, so a leak must have
 * grown by a megabyte too.
 */
import type { LeakReport, LoadReason, MemoryPoint, SoakReport } from '../model/load-report.ts';
import { type Point, theilSen } from '../stats/theil-sen.ts';
import { hasFailures, type LoadJudgement } from './load.ts';

/** A leak keeps more than this many bytes a request. */
const LEAST_LEAK_BYTES = 4;
/** Less growth than this over all readings that count is no leak yet, whatever its slope. */
const LEAST_GROWTH_BYTES = 1_000_000;
/** Of the slope's interval. */
const LEVEL = 0.99;
/** Readings left out at the beginning, in which any process grows. */
const SETTLING_SHARE = 0.25;
/** With fewer readings that count nothing is said. */
const LEAST_READINGS = 8;

/** Whether the readings of a process show a leak. */
export function judgeLeak(readings: readonly MemoryPoint[]): LeakReport {
  const counted = readings.slice(Math.ceil(readings.length * SETTLING_SHARE));
  const held = counted.flatMap(({ requests, heldBytes }): Point[] =>
    heldBytes === null ? [] : [{ x: requests, y: heldBytes }],
  );
  const resident = counted.map(({ requests, settledRssBytes }) => ({
    x: requests,
    y: settledRssBytes,
  }));
  const points = held.length === counted.length ? held : resident;
  const fit = fitOf(points);
  return {
    verdict: leakOf(fit?.interval ?? null, requestsOf(points)),
    of: points === held ? 'held' : 'rss',
    bytesPerRequest: fit?.slope ?? null,
    interval: fit?.interval ?? null,
    level: LEVEL,
    leastBytesPerRequest: LEAST_LEAK_BYTES,
    readings: counted.length,
    rssBytesPerRequest: fitOf(resident)?.slope ?? null,
  };
}

function fitOf(
  points: readonly Point[],
): { readonly slope: number; readonly interval: LeakReport['interval'] } | null {
  if (points.length < LEAST_READINGS) return null;
  const { slope, interval } = theilSen(points, LEVEL);
  return { slope, interval: interval?.interval ?? null };
}

/** Requests between the first reading and the last. */
function requestsOf(points: readonly Point[]): number {
  return (points.at(-1)?.x ?? 0) - (points[0]?.x ?? 0);
}

function leakOf(interval: LeakReport['interval'], requests: number): LeakReport['verdict'] {
  if (interval === null) return 'cannot-tell';
  const [low, high] = interval;
  if (low > LEAST_LEAK_BYTES) {
    return low * requests > LEAST_GROWTH_BYTES ? 'leak' : 'cannot-tell';
  }
  return high < LEAST_LEAK_BYTES ? 'no-leak' : 'cannot-tell';
}

/**
 * Whether what a process adds to the resident size that it had idle lies within the limit, at every
 * reading. What the runtime takes by itself is not the proxy's.
 */
export function judgeMemory(
  readings: readonly MemoryPoint[],
  {
    idleRssBytes,
    maxMemoryBytes,
  }: { readonly idleRssBytes: number; readonly maxMemoryBytes: number },
): SoakReport['memory'] {
  const largestRssBytes = readings.reduce(
    (largest, { rssBytes, settledRssBytes }) => Math.max(largest, rssBytes, settledRssBytes),
    0,
  );
  const within = largestRssBytes - idleRssBytes <= maxMemoryBytes;
  return { idleRssBytes, largestRssBytes, within };
}

/** What is judged. */
export type JudgedSoak = Pick<SoakReport, 'proxy' | 'leak' | 'memory'> & {
  readonly complete: boolean;
  readonly smoke: boolean;
};

/** Judges a soak: what is wrong is said even of a run that ended early. */
export function judgeSoak({ proxy, leak, memory, complete, smoke }: JudgedSoak): LoadJudgement {
  const wrong: LoadReason[] = [];
  if (hasFailures(proxy)) wrong.push('requests-failed');
  if (leak.verdict === 'leak') wrong.push('leak');
  if (!memory.within) wrong.push('memory-exceeded');
  if (wrong.length > 0) return { verdict: 'missed', reasons: wrong };
  if (smoke) return { verdict: 'inconclusive', reasons: ['smoke'] };
  if (!complete) return { verdict: 'inconclusive', reasons: ['ended-early'] };
  if (leak.verdict === 'cannot-tell') {
    return { verdict: 'inconclusive', reasons: ['leak-undecided', 'memory-within'] };
  }
  return { verdict: 'met', reasons: ['no-leak', 'memory-within'] };
}
