import { describe, expect, test } from 'vitest';
import { planSoak } from './soak-plan.ts';
import { lengthOf, planStretches } from './stretches.ts';
import { planSweep } from './sweep-plan.ts';

describe('the stretches of a load test', () => {
  test('give the proxy its time, in stretches of five seconds at most, and the origin a fifth', () => {
    const stretches = planStretches(62_000, 1);
    const of = (arm: string) => stretches.filter((one) => one.arm === arm);
    expect(lengthOf(of('proxy'))).toBeCloseTo(62_000);
    expect(lengthOf(of('direct'))).toBeCloseTo(12_400);
    expect(Math.max(...stretches.map(({ durationMs }) => durationMs))).toBeLessThanOrEqual(5000);
    expect(of('proxy')).toHaveLength(13);
  });

  test('take turns in an order drawn from the seed, so that neither arm always goes first', () => {
    const order = (seed: number) => planStretches(100_000, seed).map(({ arm }) => arm);
    expect(order(3)).toEqual(order(3));
    expect(order(3)).not.toEqual(order(4));
    const firsts = order(3).filter((_, at) => at % 2 === 0);
    expect(new Set(firsts).size).toBe(2);
  });

  test('have arrivals of their own each', () => {
    const seeds = planStretches(60_000, 1).map(({ seed }) => seed);
    expect(new Set(seeds).size).toBe(seeds.length);
  });
});

describe('the stretches of a soak', () => {
  test.each([
    [10_000, 20, 500],
    [60_000, 40, 1500],
    [300_000, 40, 7500],
    [3_600_000, 360, 10_000],
    [1000, 2, 500],
  ])('of %d ms are %d of %d ms', (durationMs, count, each) => {
    const stretches = planSoak(durationMs, 1);
    expect(stretches).toHaveLength(count);
    expect(stretches.every((one) => one.durationMs === each && one.arm === 'proxy')).toBe(true);
  });
});

describe('a sweep', () => {
  const plan = planSweep(10_000, 66_000, 1);

  test('goes from a tenth of the capacity to a tenth beyond it', () => {
    expect(plan.ratesPerSecond.at(0)).toBe(1000);
    expect(plan.ratesPerSecond.at(-1)).toBe(11_000);
    expect(plan.ratesPerSecond).toEqual([...plan.ratesPerSecond].sort((a, b) => a - b));
  });

  test('tries every rate once a pass, in an order drawn anew', () => {
    const steps = plan.ratesPerSecond.length;
    const passes = Array.from({ length: plan.passes }, (_, pass) =>
      plan.visits.slice(pass * steps, (pass + 1) * steps).map(({ step }) => step),
    );
    for (const pass of passes)
      expect([...pass].sort((a, b) => a - b)).toEqual([...Array(steps).keys()]);
    expect(new Set(passes.map(String)).size).toBe(plan.passes);
  });

  test('takes the time that it is given, and steps that are long enough', () => {
    expect(lengthOf(plan.visits)).toBeCloseTo(66_000);
    expect(planSweep(10_000, 1000, 1).visits[0]?.durationMs).toBe(300);
  });

  test('never asks for less than one a second', () => {
    expect(planSweep(0.5, 1000, 1).ratesPerSecond.every((rate) => rate >= 1)).toBe(true);
  });
});
