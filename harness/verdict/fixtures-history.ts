/** Histories whose truth is known, for tests. Not part of what is shipped. */
import type { HistoryEntry, HistoryFigure } from '../model/history.ts';
import { createRandom } from '../model/random.ts';

const DAY_MS = 86_400_000;

/** A run a day at the given ratios of `hop-p50`, each with a little scatter, a commit each. */
export function historyOf(
  ratios: readonly number[],
  change: (entry: HistoryEntry, at: number) => HistoryEntry = (entry) => entry,
): HistoryEntry[] {
  const { float } = createRandom(11);
  return ratios.map((ratio, at) => {
    const startedAt = new Date(Date.UTC(2026, 9, 1) + at * DAY_MS).toISOString();
    const value = ratio * (1 + 0.01 * (float() - 0.5));
    const figure = (
      metric: HistoryFigure['metric'],
      own: number,
      reference: string | null = 'baseline',
    ): HistoryFigure => ({
      ...{ scenario: 'web-mix', hash: '5f3a', metric, candidate: 'optimized', reference },
      value: own,
      interval: [own * 0.98, own * 1.02],
    });
    const entry: HistoryEntry = {
      schemaVersion: 1,
      runId: `${startedAt.replace(/[:.]/g, '-')}-baseline-optimized`,
      startedAt,
      commit: `${String(at).padStart(4, '0')}00000000`,
      dirty: false,
      valid: true,
      fingerprint: 'a1b2',
      figures: [
        figure('hop-p50', value),
        figure('allocated-per-request', 2_300 + at, null),
        figure('throughput', 1 / value),
      ],
    };
    return change(entry, at);
  });
}

/** So many runs at a level. */
export function level(ratio: number, count: number): number[] {
  return Array.from({ length: count }, () => ratio);
}
