import { describe, expect, test } from 'vitest';
import { type FixtureOptions, reportFixture } from './fixtures/report.ts';
import { verdictSentence } from './sentence.ts';

const PRIMARIES = { 'hop-p50': 60, 'cpu-per-request': 25, 'allocated-per-request': 2_000 };

const sentence = (
  candidate: number | Partial<typeof PRIMARIES>,
  options: FixtureOptions = {},
): string =>
  verdictSentence(
    reportFixture({
      ...options,
      synthetic: { figures: PRIMARIES, ratios: { candidate }, spread: 0, ...options.synthetic },
    }),
  );

describe('the verdict in a sentence', () => {
  test('names what improved, and what did not', () => {
    expect(sentence({ 'hop-p50': 0.5, 'cpu-per-request': 0.25 })).toBe(
      'Improved, optimized against baseline: hop-p50 0.500x and cpu-per-request 0.250x; allocated-per-request unchanged.',
    );
  });

  test('names what regressed, and by how much', () => {
    expect(sentence({ 'hop-p50': 1.12, 'cpu-per-request': 0.5 })).toBe(
      'Regressed, optimized against baseline: hop-p50 1.12x.',
    );
  });

  test('says of an unchanged run which change it rules out', () => {
    expect(sentence(1)).toBe(
      'Unchanged, optimized against baseline: hop-p50 and cpu-per-request did not get worse by 5 % or more, nor allocated-per-request by 6 %.',
    );
  });

  test.each([
    ['the run ended before its rounds were done', { judge: { complete: false } }],
    ['too few rounds', { synthetic: { count: 3 } }],
    [
      'two identical references differed, so this run proves nothing',
      { synthetic: { ratios: { twin: 1.2 } } },
    ],
    ['no metric that decides could be had', { synthetic: { figures: { 'memory-rss': 5e7 } } }],
    [
      'hop-p50 and cpu-per-request could not be decided',
      {
        synthetic: {
          ratios: { candidate: { 'hop-p50': 1.052, 'cpu-per-request': 1.052 } },
          count: 4,
        },
      },
    ],
  ] as [string, FixtureOptions][])('says why it is inconclusive: %s', (reason, options) => {
    expect(sentence(1, options)).toBe(`Inconclusive, optimized against baseline: ${reason}.`);
  });
});
