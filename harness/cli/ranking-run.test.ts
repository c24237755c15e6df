import { describe, expect, test } from 'vitest';
import { rankingFixture } from '../report/fixtures/ranking.ts';
import { exitCodeOfRanking } from './ranking-run.ts';

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
