import { describe, expect, test } from 'vitest';
import { comparisonEvents, loadEvents } from './fixtures/events.ts';
import { NOTHING_SEEN, see } from './run-view.ts';

describe('the view of a run', () => {
  test('has what its events said, the latest last', () => {
    const view = comparisonEvents(3).reduce(see, NOTHING_SEEN);
    expect(view).toMatchObject({ command: 'compare', scenario: 'web-mix', stage: '', load: null });
    expect(view.rounds.map(({ round }) => round)).toEqual([0, 1, 2]);
    expect(view.advanced?.round).toBe(3);
  });

  test('begins anew with the next run, but for a pause that was asked for', () => {
    const first = comparisonEvents(3).reduce(see, NOTHING_SEEN);
    const asked = see(first, { type: 'pause', state: 'asked' });
    const next = loadEvents(0).reduce(see, asked);
    expect(next).toEqual({
      ...NOTHING_SEEN,
      command: 'soak',
      scenario: 'web-mix',
      contestants: [{ id: 'candidate', role: 'candidate', name: 'optimized' }],
      pause: 'asked',
    });
  });

  test('is the same for the same events, and keeps no more than can be shown', () => {
    const events = [...comparisonEvents(1), ...loadEvents(2000)];
    const view = events.reduce(see, NOTHING_SEEN);
    expect(events.reduce(see, NOTHING_SEEN)).toEqual(view);
    expect(view.moments.length).toBe(240);
    expect(view.moments.at(-1)?.elapsedMs).toBe(1_999_000);
  });
});
