import { expect, test } from 'vitest';
import { COMPONENT_SCENARIOS } from '../scenarios/components/index.ts';
import { planComponentRound } from './component-plan.ts';

const SCENARIOS = [...COMPONENT_SCENARIOS.values()];
const ARMS = ['reference', 'twin', 'candidate'];

function ordersOf(seed: number, index: number): readonly string[] {
  const plan = planComponentRound(seed, index, ARMS, SCENARIOS);
  return [
    ...plan.scenarios.flatMap(({ cases }) => cases.map(({ name }) => name)),
    ...Array.from({ length: 5 }, () => plan.arms().join()),
  ];
}

test('the same seed and round give the same orders, another one gives others', () => {
  expect(ordersOf(7, 3)).toEqual(ordersOf(7, 3));
  expect(ordersOf(7, 3)).not.toEqual(ordersOf(7, 4));
  expect(ordersOf(7, 3)).not.toEqual(ordersOf(8, 3));
});

test('a round has every case of every scenario once, and every arm in each order', () => {
  const { scenarios, arms } = planComponentRound(1, 0, ARMS, SCENARIOS);
  expect(scenarios.map(({ scenario }) => scenario.name).sort()).toEqual(
    SCENARIOS.map(({ name }) => name).sort(),
  );
  for (const { scenario, cases } of scenarios) {
    expect(new Set(cases)).toEqual(new Set(scenario.cases));
    expect(cases).toHaveLength(scenario.cases.length);
  }
  expect([...arms()].sort()).toEqual([...ARMS].sort());
});
