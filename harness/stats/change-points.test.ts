import { describe, expect, it } from 'vitest';
import { createRandom } from '../model/random.ts';
import { changePoints } from './change-points.ts';

/** Values around levels, with tails: a logistic scatter. */
function series(levels: readonly (readonly [level: number, count: number])[], seed: number) {
  const { float } = createRandom(seed);
  const scatter = (): number => {
    const drawn = Math.max(1e-9, float());
    return 0.01 * Math.log(drawn / (1 - drawn));
  };
  return levels.flatMap(([level, count]) => Array.from({ length: count }, () => level + scatter()));
}

describe('changes of level', () => {
  it('are found where they are', () => {
    const values = series(
      [
        [1, 15],
        [1.2, 12],
        [0.9, 14],
      ],
      3,
    );
    expect(changePoints(values).map(({ at }) => at)).toEqual([15, 27]);
  });

  it('are found with the third value after ten', () => {
    const values = series(
      [
        [1, 10],
        [1.2, 3],
      ],
      9,
    );
    expect(changePoints(values.slice(0, -1))).toEqual([]);
    expect(changePoints(values).map(({ at }) => at)).toEqual([10]);
  });

  it('are found where a level came and went', () => {
    const values = series(
      [
        [1, 12],
        [1.3, 6],
        [1, 12],
      ],
      4,
    );
    expect(changePoints(values).map(({ at }) => at)).toEqual([12, 18]);
  });

  it('name the places that they may be at, the most likely first', () => {
    const values = [...series([[1, 12]], 5), 1.1, ...series([[1.2, 12]], 6)];
    const [change] = changePoints(values);
    expect(change?.places.map(({ at }) => at).sort()).toEqual([12, 13]);
    const total = change?.places.reduce((sum, { share }) => sum + share, 0) ?? 0;
    expect(total).toBeGreaterThan(0.9);
    expect(total).toBeLessThanOrEqual(1 + 1e-9);
    expect(change?.at).toBe(change?.places[0]?.at);
  });

  it('are no outliers', () => {
    const values = series([[1, 30]], 7);
    values[9] = 1.9;
    values[21] = 0.2;
    expect(changePoints(values)).toEqual([]);
  });

  it('are not found in what is too short or does not move', () => {
    expect(changePoints([])).toEqual([]);
    expect(changePoints([1, 1, 1, 2, 2])).toEqual([]);
    expect(changePoints(Array.from({ length: 40 }, () => 100))).toEqual([]);
  });

  it('need no scatter', () => {
    const values = [...Array.from({ length: 10 }, () => 2), ...Array.from({ length: 6 }, () => 3)];
    expect(changePoints(values)).toEqual([
      { at: 10, error: expect.any(Number), places: [{ at: 10, share: 1 }] },
    ]);
  });

  it('are seldom found where nothing changed', () => {
    const runs = 300;
    let alarms = 0;
    for (let seed = 1; seed <= runs; seed += 1) {
      const found = changePoints(series([[1, 20]], 1000 + seed), { error: 0.05, orders: 99 });
      if (found.length > 0) alarms += 1;
    }
    // 5 % of 300 are 15; 30 or more would come once in 7,000 times.
    expect(alarms).toBeLessThan(30);
    expect(alarms).toBeGreaterThan(3);
  });

  it('do not depend on the unit', () => {
    const values = series(
      [
        [1, 10],
        [1.2, 10],
      ],
      8,
    );
    const ats = (scaled: readonly number[]) => changePoints(scaled).map(({ at }) => at);
    expect(ats(values.map((value) => 1000 * value))).toEqual(ats(values));
  });
});
