import { describe, expect, test } from 'vitest';
import { createPolicy } from '../../impls/policy/load.ts';
import type { Contest, Qualified } from './contest.ts';
import { armsOf, describeArms, policiesOf } from './contest-arms.ts';

const qualified = (spec: string, label = spec): Qualified => ({
  spec,
  label,
  identity: {
    kind: 'module',
    name: spec,
    version: '1.2.3',
    capabilities: ['forwarding'],
    skips: [],
  },
  tier: 'forwarding',
  conformance: { scope: 'fast', passed: 28, failed: 0, skipped: [] },
});

const OFF = createPolicy({ upstream: 'http://127.0.0.1:9' });
const ON = createPolicy({ upstream: 'http://127.0.0.1:9', logging: { default: true } });

const contest = (more: Partial<Contest> = {}): Contest => ({
  reference: qualified('optimized'),
  candidate: qualified('./mine.ts'),
  others: [],
  withPolicy: [],
  floor: null,
  leftOut: [],
  tier: 'forwarding',
  policy: OFF,
  fullPolicy: ON,
  policyFile: 'none',
  rules: 0,
  warnings: [],
  ...more,
});

describe('the arms of a contest', () => {
  test('of two are direct, reference, twin and candidate, all with one policy', () => {
    expect(armsOf(contest())).toEqual([
      { id: 'direct', role: 'direct', name: 'direct' },
      { id: 'reference', role: 'reference', name: 'optimized', spec: 'optimized' },
      { id: 'twin', role: 'twin', name: 'optimized', spec: 'optimized' },
      { id: 'candidate', role: 'candidate', name: './mine.ts', spec: './mine.ts' },
    ]);
    expect(policiesOf(contest())).toEqual({});
  });

  const many = contest({
    others: [qualified('baseline')],
    withPolicy: [qualified('optimized', 'optimized (policy on)')],
    floor: { spec: './splice.ts', label: 'splice', identity: qualified('splice').identity },
  });

  test('of many number their candidates, the rows with the policy on after them', () => {
    expect(
      armsOf(many)
        .map(({ id, role, name }) => `${id} ${role} ${name}`)
        .slice(3),
    ).toEqual([
      'candidate candidate ./mine.ts',
      'candidate-2 candidate baseline',
      'candidate-3 candidate optimized (policy on)',
      'floor floor splice',
    ]);
    expect(policiesOf(many)).toEqual({ 'candidate-3': ON });
  });

  test('are described by what they are and have shown, a floor without a tier', () => {
    expect(describeArms(many).map(({ id, kind, tier }) => [id, kind, tier])).toEqual([
      ['direct', 'origin', null],
      ['reference', 'built-in', 'forwarding'],
      ['twin', 'built-in', 'forwarding'],
      ['candidate', 'module', 'forwarding'],
      ['candidate-2', 'built-in', 'forwarding'],
      ['candidate-3', 'built-in', 'forwarding'],
      ['floor', 'module', null],
    ]);
  });
});
