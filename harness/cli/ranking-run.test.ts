import { describe, expect, test } from 'vitest';
import type { Arm } from '../model/round.ts';
import { rankingFixture } from '../report/fixtures/ranking.ts';
import { armFigures, round } from '../verdict/fixtures.ts';
import { exitCodeOfRanking, interimOrder } from './ranking-run.ts';

const ARMS: readonly Arm[] = [
  { id: 'direct', role: 'direct', name: 'direct' },
  { id: 'reference', role: 'reference', name: 'ours' },
  { id: 'twin', role: 'twin', name: 'ours' },
  { id: 'candidate', role: 'candidate', name: 'theirs' },
  { id: 'candidate-2', role: 'candidate', name: 'a URL' },
  { id: 'floor', role: 'floor', name: 'splice' },
];

describe('the progress of a ranking', () => {
  test('names who is measured until a round is done', () => {
    expect(interimOrder(ARMS, [])).toBe('ours, theirs, a URL and splice');
  });

  test('then names them in the order of what they cost, those without a figure last', () => {
    const cpu = (value: number) => armFigures({ 'cpu-per-request': value });
    const rounds = [20, 30, 90].map((theirs, index) =>
      round(index, {
        reference: cpu(10),
        twin: cpu(11),
        candidate: cpu(theirs),
        'candidate-2': armFigures({ 'hop-p50': 40 }),
        floor: cpu(8),
      }),
    );
    expect(interimOrder(ARMS, rounds)).toBe('cpu splice 0.800x, ours 1.00x, theirs 3.00x, a URL');
  });
});

describe('a ranking exits', () => {
  const thresholds = (fraction: number) => ({ thresholds: { 'cpu-per-request': fraction } });
  const leftOut = [{ name: 'mine', version: null, reason: 'it fails body-of-one-byte' }];

  test.each([
    [0, 'if it is whole, whatever its order', {}],
    [1, 'if a given threshold is not kept to', { judge: thresholds(0.05) }],
    [0, 'if given thresholds are kept to', { judge: thresholds(9) }],
    [3, 'if it ended early', { judge: { complete: false } }],
    [3, 'if it has too few rounds', { count: 3 }],
    [1, 'if something was left out of it', { judge: { leftOut } }],
    [1, 'if something was left out and it has too few rounds', { count: 2, judge: { leftOut } }],
  ] as const)('with %i %s', (code, _, options) => {
    expect(exitCodeOfRanking(rankingFixture(options))).toBe(code);
  });
});
