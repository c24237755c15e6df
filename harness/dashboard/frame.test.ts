import { describe, expect, test } from 'vitest';
import type { RunEvent } from '../model/run-event.ts';
import { comparisonEvents, loadEvents } from './fixtures/events.ts';
import { type FrameOptions, frame } from './frame.ts';
import { NOTHING_SEEN, type RunView, see } from './run-view.ts';

const viewOf = (events: readonly RunEvent[]): RunView => events.reduce(see, NOTHING_SEEN);
const options = (columns: number, rows: number): FrameOptions => ({
  ...{ columns, rows, color: false, group: 0, help: false },
});
const long = 'a-proxy-with-a-name-that-goes-on-and-on-for-longer-than-any-terminal-is-wide';
const VIEWS: readonly (readonly [string, RunView])[] = [
  ['nothing', NOTHING_SEEN],
  ['a comparison before its first round', viewOf(comparisonEvents(0))],
  ['a comparison', viewOf(comparisonEvents(7))],
  ['a long comparison of long names', viewOf(comparisonEvents(300, [long, long]))],
  ['a ranking', viewOf(comparisonEvents(3, ['a', 'b', 'c', 'd', 'e']))],
  ['a load', viewOf(loadEvents(30))],
  ['a load that has much to say', viewOf(loadEvents(500, 'word '.repeat(60)))],
];
const SIZES = [
  [20, 5],
  [40, 10],
  [80, 24],
  [120, 40],
  [200, 60],
] as const;

describe('a frame', () => {
  test.each(VIEWS.flatMap(([name, view]) => SIZES.map((size) => [name, ...size, view] as const)))(
    'of %s fits into %i columns and %i rows less one, with help and without',
    (_name, columns, rows, view) => {
      for (const help of [false, true]) {
        const lines = frame(view, { ...options(columns, rows), help });
        expect(lines.length).toBe(rows - 1);
        expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(columns);
      }
    },
  );

  test('of a comparison says what runs, what is left, each metric, and how far from decided it is', () => {
    const text = frame(viewOf(comparisonEvents(7)), options(100, 40)).join('\n');
    expect(text).toContain('hopmark compare  baseline → optimized  web-mix');
    expect(text).toContain('round 8 of about 12: many in flight, 48 s left');
    expect(text).toMatch(/hop-p50 +123 µs +61\.7 µs +0\.500x +\(0\.480 to 0\.520\) +improved/);
    expect(text).toMatch(/cpu-per-request .* █{4}░{6}$/m);
    expect(text).toMatch(/cache-hit-rate +98\.0 % +99\.0 %/);
    expect(text).toMatch(/baseline +121 µs +█{7} .*[▁-█]/);
    expect(text).toContain('stolen 3.1 %   candidate busy 97 %   3 cycles of 280 discarded');
  });

  test('of 80 by 24 has what is judged, the hops and the keys', () => {
    const text = frame(viewOf(comparisonEvents(7)), options(80, 24)).join('\n');
    for (const shown of ['hop-p50', 'cpu-per-request', 'hop, round by round', 'stolen', 'q stop'])
      expect(text).toContain(shown);
  });

  test('shows the group that was chosen, and begins again after the last', () => {
    const view = viewOf(comparisonEvents(2, ['a', 'b'], ['first', 'second']));
    const heading = (group: number): string =>
      frame(view, { ...options(100, 40), group }).find((line) => line.includes('so far')) ?? '';
    expect([0, 1, 2].map((group) => heading(group).trim().split(' ')[0])).toEqual([
      'first',
      'second',
      'first',
    ]);
  });

  test('says that a pause was asked for, and that it is one', () => {
    const view = viewOf(comparisonEvents(2));
    const text = (state: 'asked' | 'paused'): string =>
      frame(see(view, { type: 'pause', state }), options(100, 24)).join('\n');
    expect(text('asked')).toContain('pausing after this round');
    expect(text('paused')).toMatch(/left {2}paused\n(.*\n)*.*p go on/);
  });

  test('of a load shows the last second, and what went before as lines', () => {
    const text = frame(viewOf(loadEvents(30)), options(80, 24)).join('\n');
    expect(text).toMatch(/answers +5,?0\d0\/s +▁.*█/);
    expect(text).toMatch(/p99 +1\.\d+ ms +▁.*█/);
    expect(text).toContain('memory after collection 61.2 MB');
    expect(text).not.toContain('tab');
  });

  test('has colour only where asked', () => {
    const view = viewOf(comparisonEvents(3));
    expect(frame(view, options(80, 24)).join('')).not.toContain('\u001b');
    expect(frame(view, { ...options(80, 24), color: true }).join('')).toContain('\u001b[32m');
  });
});
