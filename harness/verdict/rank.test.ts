import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createRandom, type Random, shuffled } from '../model/random.ts';
import type { ArmRows } from '../stats/arm-groups.ts';
import { heavyTailed, normal } from '../stats/noise.ts';
import { mean } from '../stats/quantile.ts';
import { leastRoundsToRank, type RankedArm, type RankedPlace, rankArms } from './rank.ts';

interface Field {
  readonly arms: readonly RankedArm[];
  readonly others: readonly ArmRows[];
}

interface FieldOptions {
  readonly rounds?: number;
  readonly spread?: number;
  readonly noise?: (random: Random) => number;
}

/** Arms with true logarithms; rounds differ by a tenth, and the direct arm tells by how much. */
function field(
  seed: number,
  truth: readonly number[],
  { rounds = 6, spread = 0.01, noise = normal }: FieldOptions = {},
): Field {
  const random = createRandom(seed);
  const moments = Array.from({ length: rounds }, () => 0.1 * normal(random));
  const rowsOf = (value: number, processes: number): ArmRows =>
    moments.map((moment) =>
      Array.from({ length: processes }, () => value + moment + spread * noise(random)),
    );
  return {
    // The first has a twin.
    arms: truth.map((value, index) => {
      const rows = rowsOf(value, index === 0 ? 2 : 1);
      return { id: `arm-${index}`, rows, estimate: mean(rows.flat()) };
    }),
    others: [rowsOf(-1, 1)],
  };
}

const rank = ({ arms, others }: Field): readonly RankedPlace[] => rankArms(arms, others, 0.05);
const shown = (places: readonly RankedPlace[]): string =>
  places.map(({ id, best, worst }) => `${id} ${best}-${worst}`).join(', ');
const placeOf = (places: readonly RankedPlace[], index: number): RankedPlace => {
  const found = places.find(({ id }) => id === `arm-${index}`);
  if (found === undefined) throw new Error('an arm without a place');
  return found;
};
const areApart = (places: readonly RankedPlace[], first: number, second: number): boolean => {
  const [a, b] = [placeOf(places, first), placeOf(places, second)];
  return a.worst < b.best || b.worst < a.best;
};

describe('arms that differ', () => {
  test('have a place each, the cheapest first', () => {
    const places = rank(field(1, [0.2, 0, 0.1, 0.5, 0.4, 0.3, 0.7, 0.6]));
    expect(shown(places)).toBe(
      'arm-1 1-1, arm-2 2-2, arm-0 3-3, arm-5 4-4, arm-4 5-5, arm-3 6-6, arm-7 7-7, arm-6 8-8',
    );
  });

  test('are told apart in five rounds, twelve of them', () => {
    const truth = Array.from({ length: 12 }, (_, index) => index / 10);
    const places = rank(field(2, truth, { rounds: 5 }));
    expect(places.every(({ best, worst }) => best === worst)).toBe(true);
  });

  test('cannot be told apart in four rounds, but for the one that has a twin', () => {
    const places = rank(field(3, [0, 1, 2, 3, 4], { rounds: 4 }));
    expect(shown(places)).toBe('arm-0 1-1, arm-1 2-5, arm-2 2-5, arm-3 2-5, arm-4 2-5');
  });

  test('are told apart most of the time where they differ by four times the noise', () => {
    const apart = Array.from({ length: 40 }, (_, seed) =>
      areApart(rank(field(seed, [0, 0.3, 0.6, 0.64, 0.9, 1.2])), 2, 3),
    );
    expect(apart.filter(Boolean).length).toBeGreaterThan(34);
  });
});

describe('arms that are the same', () => {
  test('share their places, and leave those of the others alone', () => {
    const places = rank(field(4, [0, 0.5, 0.5, 0.9]));
    expect(shown(places.toSorted((a, b) => (a.id < b.id ? -1 : 1)))).toBe(
      'arm-0 1-1, arm-1 2-3, arm-2 2-3, arm-3 4-4',
    );
  });

  test.each([
    ['the reference and another', [0, 0, 0.5, 1, 1.5, 2, 2.5, 3], [[0, 1]]],
    ['two others', [0, 0.2, 0.5, 0.5, 1.5, 2, 2.5, 3], [[2, 3]]],
    [
      'four pairs',
      [0, 0, 1, 1, 2, 2, 3, 3],
      [
        [0, 1],
        [2, 3],
        [4, 5],
        [6, 7],
      ],
    ],
    [
      'all of three',
      [0, 0, 0],
      [
        [0, 1],
        [0, 2],
        [1, 2],
      ],
    ],
  ] as const)(
    'are told apart in at most 5 of 100 runs: %s',
    (_, truth, pairs) => {
      const wrong = (options: FieldOptions): number =>
        Array.from({ length: 25 }, (__, seed) => rank(field(seed, truth, options))).filter(
          (places) => pairs.some(([first, second]) => areApart(places, first, second)),
        ).length;
      // Of 25 runs 1.25 are expected at the most; 5 or more come once in a hundred such series.
      expect(wrong({ noise: normal })).toBeLessThan(5);
      expect(wrong({ noise: heavyTailed })).toBeLessThan(5);
      // So many rounds are tested by themselves.
      expect(wrong({ noise: heavyTailed, rounds: 12 })).toBeLessThan(5);
    },
    120_000,
  );
});

test('an arm between two that differ shares the places of both where it cannot be told from either', () => {
  // Its rounds lie below both of the others as often as above both.
  const rounds = Array.from({ length: 12 }, (_, round) => round);
  const flat = (value: number): ArmRows => rounds.map((round) => [value + round / 1e3]);
  const middle = rounds.map((round) => [(round % 2 === 0 ? -0.002 : 0.102) + round / 1e3]);
  const places = rankArms(
    [
      { id: 'low', rows: flat(0), estimate: 0 },
      { id: 'middle', rows: middle, estimate: 0.05 },
      { id: 'high', rows: flat(0.1), estimate: 0.1 },
    ],
    [],
    0.05,
  );
  expect(shown(places)).toBe('low 1-2, middle 1-3, high 2-3');
});

test('an odd round of one arm costs it no place that is clear', () => {
  const { arms, others } = field(5, [0, 0.1, 0.2, 0.3], { rounds: 8 });
  const odd = arms.map((arm, index) =>
    index === 2 ? { ...arm, rows: arm.rows.map((row, r) => (r === 3 ? [0.9] : row)) } : arm,
  );
  expect(areApart(rank({ arms: odd, others }), 0, 1)).toBe(true);
  expect(areApart(rank({ arms: odd, others }), 1, 2)).toBe(true);
});

describe('whatever the figures', () => {
  const fields = fc
    .record({
      seed: fc.integer({ min: 0, max: 1e6 }),
      rounds: fc.integer({ min: 1, max: 11 }),
      truth: fc.array(fc.integer({ min: 0, max: 6 }), { minLength: 1, maxLength: 6 }),
    })
    .map(({ seed, rounds, truth }) => ({
      seed,
      ...field(
        seed,
        truth.map((value) => value / 50),
        { rounds },
      ),
    }));
  const check = (holds: (one: Field & { readonly seed: number }) => void): void =>
    fc.assert(fc.property(fields, holds), { seed: 1, numRuns: 60 });

  test('an arm may stand where its estimate puts it', () => {
    check((one) => {
      rank(one).forEach(({ best, worst }, index) => {
        expect(best).toBeLessThanOrEqual(index + 1);
        expect(worst).toBeGreaterThanOrEqual(index + 1);
      });
    });
  });

  test('the order in which arms are named changes nothing', () => {
    check((one) => {
      const random = createRandom(one.seed);
      expect(rank({ ...one, arms: shuffled(one.arms, random) })).toEqual(rank(one));
    });
  });

  test('a machine that is twice as slow throughout changes nothing', () => {
    const slower = (rows: ArmRows): ArmRows => rows.map((row) => row.map((value) => value + 0.7));
    check(({ arms, others, ...one }) => {
      const scaled = arms.map((arm) => ({ ...arm, rows: slower(arm.rows) }));
      expect(rank({ arms: scaled, others: others.map(slower), ...one })).toEqual(
        rank({ arms, others, ...one }),
      );
    });
  });

  test('places and their numbers agree: as many stand surely behind as leave room', () => {
    check((one) => {
      const places = rank(one);
      for (const { best, worst, id } of places) {
        const behind = places.filter((other) => other.best > worst || other.id === id);
        expect(behind.length).toBeLessThanOrEqual(places.length - best + 1);
        expect(worst).toBeLessThanOrEqual(places.length);
      }
    });
  });
});

test('five rounds suffice from four arms to twelve, and four for three', () => {
  expect([2, 3, 4, 8, 12].map((arms) => leastRoundsToRank(arms, 0.05))).toEqual([4, 4, 5, 5, 5]);
});

test('no arms have no places', () => {
  expect(rankArms([], [], 0.05)).toEqual([]);
});
