import { expect, test } from 'vitest';
import { bankRounds } from './bank.ts';
import { characterize } from './characterize.ts';
import { syntheticSource } from './noise-model.ts';
import { AS_MEASURED } from './settings.ts';

const METRICS = ['hop-p50', 'cpu-per-request'] as const;

function profileOf(noise: number, rounds: number) {
  const model = {
    ...AS_MEASURED,
    processSd: { 'hop-p50': 0.004 * noise, 'cpu-per-request': 0.01 * noise },
  };
  const source = syntheticSource(model, {}, 3);
  const bank = bankRounds(
    Array.from({ length: 80 }, () => source.next()),
    METRICS,
  );
  const budget = { budgetMs: rounds * 5000, rounds };
  return characterize(bank, budget, { metrics: METRICS, seed: 1, gates: 80 });
}

test('a noisier metric, or machine, has a higher floor and shows less', () => {
  const quiet = profileOf(1, 6);
  const noisy = profileOf(3, 6);
  const [hop, cpu] = quiet.metrics;
  expect(cpu?.noiseFloor).toBeGreaterThan(hop?.noiseFloor ?? 1);
  expect(noisy.metrics[1]?.noiseFloor).toBeGreaterThan(2 * (cpu?.noiseFloor ?? 1));
  expect(noisy.metrics[1]?.caught).toBeGreaterThan(cpu?.caught ?? 1);
  // A standard deviation of 1 % over 6 rounds: two identical proxies differ by about 1 %.
  expect(cpu?.noiseFloor).toBeGreaterThan(0.005);
  expect(cpu?.noiseFloor).toBeLessThan(0.015);
});

test('a larger budget, which holds more rounds, shows smaller changes', () => {
  const [short, long] = [profileOf(1, 6), profileOf(1, 24)];
  expect(short.rounds).toBe(6);
  expect(long.rounds).toBe(24);
  expect(long.metrics[1]?.caught).toBeLessThan(short.metrics[1]?.caught ?? 0);
  expect(long.falseAlarms).toBe(0);
});

test('what cannot be caught at twice the cost is said not to be', () => {
  expect(profileOf(100, 6).metrics[1]?.caught).toBeNull();
});
