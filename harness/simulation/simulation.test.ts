import { describe, expect, test } from 'vitest';
import type { Verdict } from '../model/report.ts';
import { type BankedRound, bankedSource, bankRounds } from './bank.ts';
import { type Effect, type NoiseModel, syntheticSource } from './noise-model.ts';
import { operatingCharacteristics } from './operating-characteristics.ts';
import { AS_MEASURED, SETTINGS } from './settings.ts';
import { type GateDesign, simulateGate } from './simulate-gate.ts';

const GATES = 400;

/** A gate of 30 s in which 2 % counts. */
const SHORT: GateDesign = {
  rounds: 6,
  lookEvery: 5,
  thresholds: { 'hop-p50': 0.02, 'cpu-per-request': 0.02 },
  error: 0.05,
};

/** A gate of 60 s in which 0.8 % counts. */
const LONG: GateDesign = {
  ...SHORT,
  rounds: 11,
  thresholds: { 'hop-p50': 0.008, 'cpu-per-request': 0.008 },
};

const slower = (fraction: number): Effect => ({ 'cpu-per-request': Math.log1p(fraction) });

const run = (model: NoiseModel, design: GateDesign, effect: Effect, gates = GATES) =>
  operatingCharacteristics(gates, design, (gate) => syntheticSource(model, effect, gate + 1));

describe('simulated gates of an implementation against itself', () => {
  test.each(SETTINGS.map((model) => [model.name, model] as const))(
    'cry wolf in at most 1 %% of runs: %s',
    (_, model) => {
      const { regressed } = run(model, SHORT, {});
      // One run in a hundred, and what chance adds to 400 runs in a thousandth of cases.
      expect(regressed.count).toBeLessThanOrEqual(12);
    },
  );

  test('are inconclusive in at most 5 % of runs with the noise that was measured', () => {
    expect(run(AS_MEASURED, SHORT, {}).inconclusive.share).toBeLessThan(0.05);
  });

  test('are not left undecided by noise of three times the size with the default bars', () => {
    const noisy = SETTINGS.find(({ name }) => name === 'three times the noise') ?? AS_MEASURED;
    const { regressed, unchanged } = run(noisy, { ...SHORT, thresholds: {} }, {});
    expect(regressed.count).toBeLessThanOrEqual(4);
    expect(unchanged.share).toBeGreaterThan(0.5);
  });
});

describe('simulated gates of a slower candidate', () => {
  test('catch 5 % where 2 % counts in at least 95 % of runs', () => {
    expect(run(AS_MEASURED, SHORT, slower(0.05)).regressed.share).toBeGreaterThan(0.95);
  });

  test('catch 2 % where 0.8 % counts in at least 80 % of runs', () => {
    expect(run(AS_MEASURED, LONG, slower(0.02)).regressed.share).toBeGreaterThan(0.8);
  });

  test('catch more the more it costs', () => {
    const [small, middle, large] = [0.01, 0.03, 0.06].map(
      (fraction) => run(AS_MEASURED, SHORT, slower(fraction)).regressed.count,
    );
    expect(small).toBeLessThan(middle ?? 0);
    expect(middle).toBeLessThan(large ?? 0);
  });

  test('call a cheaper one improved and never regressed', () => {
    const { improved, regressed } = run(AS_MEASURED, SHORT, slower(-0.05));
    expect(improved.share).toBeGreaterThan(0.9);
    expect(regressed.count).toBe(0);
  });
});

describe('a simulated gate', () => {
  test('stops early when all is decided and never goes far beyond its budget', () => {
    const rounds = Array.from(
      { length: 100 },
      (_, seed) => simulateGate(syntheticSource(AS_MEASURED, {}, seed + 1), LONG).rounds,
    );
    expect(Math.min(...rounds)).toBe(5);
    expect(Math.max(...rounds)).toBeLessThanOrEqual(13);
  });

  test('follows from its seed', () => {
    const once = run(AS_MEASURED, SHORT, slower(0.02), 50);
    expect(run(AS_MEASURED, SHORT, slower(0.02), 50)).toEqual(once);
  });
});

describe('banked rounds', () => {
  const source = syntheticSource(AS_MEASURED, {}, 7);
  const metrics = ['hop-p50', 'cpu-per-request', 'allocated-per-request'] as const;
  const bank: readonly BankedRound[] = bankRounds(
    Array.from({ length: 60 }, () => source.next()),
    metrics,
  );
  const verdicts = (effect: Effect): readonly Verdict[] =>
    Array.from(
      { length: 200 },
      (_, seed) => simulateGate(bankedSource(bank, effect, seed + 1), SHORT).verdict,
    );

  test('deal the names of identical arms anew, so that no arm is favoured', () => {
    const firsts = new Set(
      Array.from({ length: 40 }, (_, seed) => {
        const { arms } = bankedSource(bank.slice(0, 1), {}, seed + 1).next();
        return arms.candidate?.values['hop-p50'];
      }),
    );
    expect(firsts.size).toBe(3);
  });

  test('give no false alarm, and show an effect put on the candidate', () => {
    expect(verdicts({}).filter((verdict) => verdict === 'regressed').length).toBeLessThan(4);
    const caught = verdicts(slower(0.06)).filter((verdict) => verdict === 'regressed');
    expect(caught.length).toBeGreaterThan(180);
  });

  test('keep what a bank lacks out, rather than as zero', () => {
    const [[figures]] = bankRounds([source.next()], ['hop-p50', 'memory-rss']) as [BankedRound];
    expect(Object.keys(figures)).toEqual(['hop-p50']);
  });
});
