import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createRandom } from '../model/random.ts';
import { armEffects } from './arm-effects.ts';
import { mean } from './quantile.ts';

/** Rows that differ by a factor of up to four, arms by what is given, with noise of one in twenty. */
function rows(
  effects: readonly number[],
  count: number,
  seed: number,
  disturb: (random: () => number) => number = () => 0,
): readonly (readonly number[])[] {
  const random = createRandom(seed);
  const uniform = (): number => random.uint32() / 2 ** 32;
  const level = Array.from({ length: count }, () => uniform() * Math.log(4));
  return effects.map((effect) =>
    level.map((row) => row + effect + (uniform() - 0.5) * 0.1 + disturb(uniform)),
  );
}

const spread = (found: readonly number[]): number => (found.at(-1) ?? 0) - (found[0] ?? 0);

describe('the effects of arms', () => {
  test('are exact where nothing disturbs', () => {
    const level = [0, 1, 0.3, 2, 0.7];
    const found = armEffects([level, level.map((log) => log + 0.3), level.map((log) => log - 0.3)]);
    expect(found[0]).toBeCloseTo(0, 9);
    expect(found[1]).toBeCloseTo(0.3, 9);
    expect(found[2]).toBeCloseTo(-0.3, 9);
  });

  test('of one arm is 0, and of arms that agree everywhere too', () => {
    expect(armEffects([[1, 2, 3]])).toEqual([0]);
    expect(
      armEffects(
        [
          [5, 5],
          [5, 5],
          [5, 5],
        ].map((arm) => Float64Array.from(arm)),
      ),
    ).toEqual([0, 0, 0]);
  });

  test('are found among rows that differ far more than they do', () => {
    expect(spread(armEffects(rows([0, 0, 0.05], 400, 1)))).toBeCloseTo(0.05, 2);
  });

  test('are not moved by bursts that fall on a fifth of the samples of each arm', () => {
    const bursts = (uniform: () => number): number => (uniform() < 0.2 ? uniform() : 0);
    const found = Array.from({ length: 20 }, (_, seed) =>
      spread(armEffects(rows([0, 0, 0.05], 200, seed, bursts))),
    );
    const means = Array.from({ length: 20 }, (_, seed) => {
      const logs = rows([0, 0, 0.05], 200, seed, bursts);
      return mean(logs[2] ?? []) - mean(logs[0] ?? []);
    });
    const error = (of: readonly number[]): number =>
      Math.sqrt(mean(of.map((effect) => (effect - 0.05) ** 2)));
    expect(error(found)).toBeLessThan(0.006);
    expect(error(found)).toBeLessThan(error(means) / 3);
  });

  test('follow a factor on one arm exactly, and no factor on a row', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 1000 }),
        fc.double({ min: -1, max: 1, noNaN: true }),
        (seed, factor) => {
          const logs = rows([0, 0.02, 0.04], 30, seed);
          const plain = armEffects(logs);
          const moved = armEffects(
            logs.map((arm, index) =>
              arm.map((log, at) => log + (index === 2 ? factor : 0) + (at % 3) * 0.5),
            ),
          );
          const change = (arm: number): number =>
            (moved[arm] ?? 0) - (moved[0] ?? 0) - ((plain[arm] ?? 0) - (plain[0] ?? 0));
          expect(change(1)).toBeCloseTo(0, 4);
          expect(change(2)).toBeCloseTo(factor, 4);
        },
      ),
      // The seed is one whose fit takes hundreds of steps.
      { numRuns: 50, examples: [[893, -1]] },
    );
  });

  test('do not depend on the order of the rows, and swap with the arms', () => {
    const logs = rows([0, 0.1], 50, 9);
    const turned = armEffects(logs.map((arm) => arm.toReversed()));
    const swapped = armEffects(logs.toReversed());
    const plain = armEffects(logs);
    expect(spread(turned)).toBeCloseTo(spread(plain), 6);
    expect(spread(swapped)).toBeCloseTo(-spread(plain), 6);
  });

  test('need as many samples of every arm', () => {
    expect(() => armEffects([])).toThrow(/at least one/);
    expect(() => armEffects([[], []])).toThrow(/at least one/);
    expect(() => armEffects([[1, 2], [1]])).toThrow(/as many/);
  });
});
