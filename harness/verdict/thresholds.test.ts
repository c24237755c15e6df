import { describe, expect, test } from 'vitest';
import { HopmarkError } from '../model/error.ts';
import { parseThresholds } from './thresholds.ts';

describe('thresholds', () => {
  test('bound the change for the worse, up or down as the metric is better', () => {
    expect(
      parseThresholds({
        'hop-p99': '<= +5%',
        'allocated-per-request': ' <=+ 1.5 % ',
        'cache-hit-rate': '>= -10%',
        'cpu-per-request': '<= +0%',
        'hop-p50': 'off',
      }),
    ).toEqual({
      'hop-p99': 0.05,
      'allocated-per-request': 0.015,
      'cache-hit-rate': 0.1,
      'cpu-per-request': 0,
      'hop-p50': null,
    });
  });

  test.each([
    [{ 'hop-p51': '<= +5%' }, 'there is no metric "hop-p51"'],
    [{ 'hop-p50': '>= -5%' }, 'where lower is better, on the wrong side'],
    [{ 'hop-p50': '<= -5%' }, 'where lower is better, on the wrong side'],
    [{ throughput: '<= +5%' }, 'where higher is better, on the wrong side'],
    [{ throughput: '>= -100%' }, 'lets throughput fall to nothing'],
    [{ 'cache-hit-rate': '>= 95%' }, 'is not a threshold on the change of cache-hit-rate'],
    [{ 'hop-p50': '5' }, 'is not a threshold'],
    [{ 'hop-p50': '' }, 'is not a threshold'],
    [{ constructor: '<= +5%' }, 'there is no metric "constructor"'],
  ])('refuse %o', (entries, message) => {
    const parse = (): unknown => parseThresholds(entries as Record<string, string>);
    expect(parse).toThrow(message);
    expect(parse).toThrow(expect.objectContaining({ side: 'user', code: 'bad-threshold' }));
    expect(parse).toThrow(HopmarkError);
  });
});
