/**
 * Two pools that the plan names and the optimized proxy lacks, tried: maps of header fields that are
 * used again, and strings that are kept by their bytes. Each against doing without, in one process,
 * in batches that take turns in a random order. Measures; what follows from it is for whoever reads.
 */
import { ComponentDriver } from '../harness/drivers/components.ts';
import { createRandom, shuffled } from '../harness/model/random.ts';
import { createOperation } from '../harness/scenarios/components/operation.ts';
import { median, quantile, sorted } from '../harness/stats/quantile.ts';
import { AllocationCounter } from '../harness/sut/allocation-count.ts';

/** One pool against none. */
export interface TriedPool {
  readonly name: string;
  /** With the pool over without it; the middle half of the pairs beside it. */
  readonly timeRatio: number;
  readonly middleHalf: readonly [number, number];
  /** Heap bytes an operation. */
  readonly bytesWith: number;
  readonly bytesWithout: number;
}

const FIELDS = 10;
const MESSAGES = 256;
const NAMES = [
  'accept',
  'cookie',
  'host',
  'referer',
  'user-agent',
  'via',
  'x-a',
  'x-b',
  'x-c',
  'x-d',
];

/** Tries both, in so many pairs of batches of so many milliseconds. */
export async function tryPools(pairs: number, batchMs: number): Promise<readonly TriedPool[]> {
  return [
    await tryOne('header maps', fillReusedMap(), fillNewMap, pairs, batchMs),
    await tryOne('strings', internedString(), plainString, pairs, batchMs),
  ];
}

const messages: readonly (readonly string[])[] = Array.from({ length: MESSAGES }, (_, message) =>
  Array.from({ length: FIELDS }, (__, field) => `value-${message}-${field}`),
);

function fill(map: Map<string, string>, values: readonly string[]): number {
  for (let i = 0; i < FIELDS; i += 1) map.set(NAMES[i] ?? '', values[i] ?? '');
  return map.size + (map.get('via')?.length ?? 0);
}

function fillNewMap(message: number): number {
  return fill(new Map(), messages[message] ?? []);
}

function fillReusedMap(): (message: number) => number {
  const free: Map<string, string>[] = [new Map()];
  return (message) => {
    const map = free.pop() ?? new Map<string, string>();
    const sum = fill(map, messages[message] ?? []);
    map.clear();
    free.push(map);
    return sum;
  };
}

/** Paths as they lie in a read buffer, as a log line needs them as text. */
const PATH_BYTES = 40;
const read = Buffer.from(
  Array.from({ length: MESSAGES }, (_, i) => `/shop/items/${i}`.padEnd(PATH_BYTES, '/x')).join(''),
);

function plainString(message: number): number {
  const from = message * PATH_BYTES;
  return read.toString('latin1', from, from + PATH_BYTES).length;
}

function internedString(): (message: number) => number {
  const slots = 1024;
  const strings: (string | undefined)[] = new Array(slots).fill(undefined);
  return (message) => {
    const from = message * PATH_BYTES;
    let hash = 0x811c9dc5;
    for (let i = 0; i < PATH_BYTES; i += 1)
      hash = Math.imul(hash ^ (read[from + i] ?? 0), 0x01000193);
    const slot = hash & (slots - 1);
    const known = strings[slot];
    if (known !== undefined && isSame(known, from)) return known.length;
    const made = read.toString('latin1', from, from + PATH_BYTES);
    strings[slot] = made;
    return made.length;
  };
}

function isSame(text: string, from: number): boolean {
  for (let i = 0; i < PATH_BYTES; i += 1) if (text.charCodeAt(i) !== read[from + i]) return false;
  return true;
}

const counter = new AllocationCounter();

async function tryOne(
  name: string,
  withPool: (message: number) => number,
  without: (message: number) => number,
  pairs: number,
  batchMs: number,
): Promise<TriedPool> {
  const drivers = [await driverOf(withPool), await driverOf(without)];
  for (const driver of drivers) await driver.warmUp(batchMs * 5);
  const random = createRandom(1);
  const ratios: number[] = [];
  for (let pair = 0; pair < pairs; pair += 1) {
    const times = [0, 0];
    for (const side of shuffled([0, 1], random)) {
      times[side] = (await drivers[side]?.batch(batchMs))?.timeUs ?? 0;
    }
    ratios.push((times[0] ?? 0) / (times[1] ?? 0));
  }
  const bytes: number[] = [];
  for (const driver of drivers) {
    const counted = await driver.allocations(8);
    bytes.push(counted.bytes / counted.operations);
  }
  const inOrder = sorted(ratios);
  return {
    name,
    timeRatio: median(ratios),
    middleHalf: [quantile(inOrder, 0.25), quantile(inOrder, 0.75)],
    bytesWith: bytes[0] ?? 0,
    bytesWithout: bytes[1] ?? 0,
  };
}

async function driverOf(act: (message: number) => number): Promise<ComponentDriver> {
  const operation = await createOperation({
    operands: Array.from({ length: MESSAGES }, (_, i) => i),
    act,
    score: (sum) => sum,
    describe: String,
  });
  return new ComponentDriver(operation, () => counter.read().allocatedBytes);
}
