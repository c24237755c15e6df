import { describe, expect, test } from 'vitest';
import type { ProxyComponents } from '../../../impls/contract.ts';
import { createPolicy } from '../../../impls/policy/load.ts';
import { resolveImplementation } from '../../../impls/registry.ts';
import { type ComponentCase, type ComponentScenario, caseScenario } from '../../model/component.ts';
import { createRandom } from '../../model/random.ts';
import { headOf, targetOf } from './head-operands.ts';
import { COMPONENT_SCENARIOS } from './index.ts';
import { createOperation } from './operation.ts';
import { patternsFrom } from './pattern-operands.ts';

const CASES = [...COMPONENT_SCENARIOS.values()].flatMap((scenario) =>
  scenario.cases.map((one): [string, ComponentScenario, ComponentCase] => [
    caseScenario(scenario, one),
    scenario,
    one,
  ]),
);
const POLICY = createPolicy();

async function componentsOf(spec: string): Promise<ProxyComponents> {
  const { components } = await resolveImplementation(spec);
  if (components === undefined) throw new Error(`${spec} has no components`);
  return components();
}

test('names are unique and safe, within a scenario and in all', () => {
  expect(new Set(CASES.map(([name]) => name)).size).toBe(CASES.length);
  for (const [name] of CASES) expect(name).toMatch(/^[a-z0-9-]+\/[a-z0-9-]+$/);
});

describe.each(CASES)('%s', (name, _, one) => {
  test('both implementations answer alike, the same seed the same, another seed otherwise', async () => {
    const answers = async (spec: string, seed: number): Promise<readonly string[]> => {
      const operation = await one.prepare(await componentsOf(spec), { seed, policy: POLICY });
      operation.refresh?.(4);
      return operation.answers();
    };
    const expected = await answers('baseline', 1);
    expect(expected.length).toBeGreaterThan(3);
    expect(await answers('optimized', 1)).toEqual(expected);
    expect(await answers('optimized?only=none', 1)).toEqual(expected);
    // Lengths and sums do not tell seeds apart, texts do.
    if (!/memory-pools|bytes$|regex|new-paths/.test(name)) {
      expect(await answers('optimized', 2)).not.toEqual(expected);
    }
  });

  test('it runs as often as it is told, and gives a number that depends on the results', async () => {
    const operation = await one.prepare(await componentsOf('optimized'), {
      seed: 1,
      policy: POLICY,
    });
    operation.refresh?.(8);
    expect(Number.isSafeInteger(await operation.run(8))).toBe(true);
    expect(await operation.run(0)).toBe(0);
  });
});

describe('an operation', () => {
  const seen: string[] = [];
  const step = {
    operands: ['a', 'bb', 'ccc'],
    act: (operand: string) => {
      seen.push(operand);
      return operand;
    },
    score: (result: string) => result.length,
    describe: (result: string) => result,
  };

  test('goes on through its operands where the run before ended', async () => {
    const operation = await createOperation(step);
    seen.length = 0;
    expect([await operation.run(2), await operation.run(2)]).toEqual([3, 4]);
    expect(seen).toEqual(['a', 'bb', 'ccc', 'a']);
  });

  test('is waited for where it answers with a promise', async () => {
    const operation = await createOperation({ ...step, act: async (operand) => operand });
    const running = operation.run(3);
    expect(running).toBeInstanceOf(Promise);
    expect(await running).toBe(6);
    expect(await operation.answers()).toEqual(['a', 'bb', 'ccc']);
  });

  test('that answers at once and then with a promise is no operation', async () => {
    let calls = 0;
    const operation = await createOperation({
      ...step,
      act: (operand: string): string | Promise<string> => {
        calls += 1;
        return calls === 1 ? operand : Promise.resolve(operand);
      },
    });
    expect(() => operation.run(1)).toThrow('answers at once');
  });

  test('takes new operands from its first on', async () => {
    const operation = await createOperation({
      ...step,
      refresh: (count) => Array.from({ length: count }, (_, i) => `new-${i}`),
    });
    operation.refresh?.(2);
    seen.length = 0;
    await operation.run(2);
    expect(seen).toEqual(['new-0', 'new-1']);
  });
});

test('patterns are all different, are accepted in a policy, and match the path made for each', () => {
  const patterns = patternsFrom(0, 500, createRandom(3));
  expect(new Set(patterns.map(({ pattern }) => pattern.source)).size).toBe(500);
  const rules = patterns.slice(0, 100).map(({ pattern }, i) => ({
    name: `rule-${i}`,
    match: { path: { patterns: [pattern.source] } },
  }));
  expect(createPolicy({ drop: { rules } }).drop.rules).toHaveLength(100);
  for (const { pattern, path } of patterns) expect(path).toMatch(new RegExp(pattern.source));
});

test.each([5, 10, 40])('a head of %i fields has so many, and ends where heads end', (count) => {
  const random = createRandom(4);
  const text = headOf(targetOf(random), count, random).toString('latin1');
  expect(text.endsWith('\r\n\r\n')).toBe(true);
  expect(text.trimEnd().split('\r\n')).toHaveLength(count + 1);
  if (count === 40) expect(text.length).toBeGreaterThan(4000);
});
