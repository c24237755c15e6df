import { describe, expect, test } from 'vitest';
import { relativeFigures } from './relative-figures.ts';
import { ArmSamples } from './samples.ts';

const WAVE_MS = 10;

/** An arm whose loaded waves took so many microseconds a request, cycle by cycle, all on the CPU. */
function loaded(...waves: readonly number[]): ArmSamples {
  return add(new ArmSamples(1, 16), waves);
}

function add(samples: ArmSamples, waves: readonly number[]): ArmSamples {
  for (const [index, us] of waves.entries()) {
    const wave = { requests: 164, counted: 100, countedMs: (us * 100) / 1000, totalMs: WAVE_MS };
    samples.addLoaded(wave, us * 164 * 1000, index * WAVE_MS, (index + 1) * WAVE_MS);
  }
  return samples;
}

/** An arm whose sequential waves have three requests: a cold one, and two of so many microseconds. */
function sequential(...waves: readonly (readonly [number, number])[]): ArmSamples {
  const samples = new ArmSamples(waves.length, 3);
  for (const [first, second] of waves) {
    samples.timesUs.set([999, first, second], samples.nextOffset);
    samples.addSequential();
  }
  return add(samples, [1]);
}

/** The figures of arms whose collections are not seen. */
const figuresOf = (...arms: readonly ArmSamples[]) =>
  relativeFigures(arms.map((samples) => ({ samples, collections: null })));

describe('figures with one in flight', () => {
  test('of one arm are the median of its warm requests', () => {
    expect(figuresOf(sequential([10, 20], [30, 80]))[0]?.hopUs).toBeCloseTo(Math.sqrt(600), 6);
  });

  test('compare the same request of the same cycle', () => {
    // Their medians would say 1.5: one arm was slow in one half of its requests, one in the other.
    const [a, b] = figuresOf(
      sequential([10, 100], [10, 100], [10, 100], [90, 100]),
      sequential([11, 110], [11, 110], [11, 110], [11, 110]),
    );
    expect((b?.hopUs ?? 0) / (a?.hopUs ?? 1)).toBeCloseTo(1.1, 6);
  });
});

describe('figures with several in flight', () => {
  test('are those of the waves where cycles do not differ', () => {
    const [a, b] = figuresOf(loaded(20, 20, 20), loaded(80, 80, 80));
    expect(a?.timeUs).toBeCloseTo(20, 6);
    expect(b?.timeUs).toBeCloseTo(80, 6);
    expect(a?.cpuUs).toBeCloseTo(20, 6);
  });

  test('keep the ratio of two arms however heavy or disturbed their cycles are', () => {
    const [a, b] = figuresOf(loaded(20, 90, 31, 8), loaded(40, 180, 62, 16));
    expect((b?.timeUs ?? 0) / (a?.timeUs ?? 0)).toBeCloseTo(2, 6);
    expect((b?.cpuUs ?? 0) / (a?.cpuUs ?? 0)).toBeCloseTo(2, 6);
  });

  test('are not moved by one wave that a neighbour disturbed', () => {
    const [a, b] = figuresOf(loaded(20, 22, 21, 20, 23), loaded(20, 22, 210, 20, 23));
    expect((b?.timeUs ?? 0) / (a?.timeUs ?? 0)).toBeCloseTo(1, 4);
  });

  test('an arm whose CPU time is not counted has none, and the others keep theirs', () => {
    const uncounted = new ArmSamples(1, 16);
    uncounted.addLoaded({ requests: 164, counted: 100, countedMs: 2, totalMs: 4 }, 0, 0, 1);
    const [a, b] = figuresOf(uncounted, loaded(30));
    expect(a?.cpuUs).toBeNull();
    expect(b?.cpuUs).toBeCloseTo(30, 6);
  });
});

describe('CPU time and collections', () => {
  const plain = Array.from({ length: 20 }, () => 20);
  /** Every fourth wave has a collection of a fifth of its time. */
  const collecting = plain.map((us, wave) => (wave % 4 === 0 ? us * 1.2 : us));
  const collections = collecting.flatMap((us, wave) =>
    us === 20 ? [] : [{ endedAtMs: wave * WAVE_MS + 5, ms: (4 * 164) / 1000 }],
  );
  const ratio = (
    a: Parameters<typeof relativeFigures>[0][number],
    b: Parameters<typeof relativeFigures>[0][number],
  ): number => {
    const [first, second] = relativeFigures([a, b]);
    return (second?.cpuUs ?? 0) / (first?.cpuUs ?? 1);
  };

  test('a collection counts by its share of all waves, where it can be seen', () => {
    const quiet = { samples: loaded(...plain), collections: [] };
    expect(ratio(quiet, { samples: loaded(...collecting), collections })).toBeCloseTo(1.05, 6);
  });

  test('it counts as exactly beside a wave that a neighbour disturbed', () => {
    const disturbed = collecting.map((us, wave) => (wave === 7 ? us * 9 : us));
    const quiet = { samples: loaded(...plain), collections: [] };
    expect(ratio(quiet, { samples: loaded(...disturbed), collections })).toBeCloseTo(1.05, 3);
  });

  test('it counts where it cannot be seen, and so for an arm that it is compared with', () => {
    const unseen = { samples: loaded(...collecting), collections: null };
    expect(ratio({ samples: loaded(...plain), collections: null }, unseen)).toBeCloseTo(1.05, 2);
    expect(ratio({ samples: loaded(...plain), collections: [] }, unseen)).toBeCloseTo(1.05, 2);
  });

  test('a collection that took longer than the process was on a CPU leaves something', () => {
    const long = [{ endedAtMs: 5, ms: 50 }];
    const one = { samples: loaded(20), collections: [] };
    expect(ratio(one, { samples: loaded(20), collections: long })).toBeGreaterThan(1);
  });
});
