import { describe, expect, test } from 'vitest';
import type { RunEvent } from '../model/run-event.ts';
import { comparisonEvents, loadEvents } from './fixtures/events.ts';
import { EventRecorder, parseRecording } from './recording.ts';

function record(events: readonly (readonly [number, RunEvent])[]): string {
  let now = 0;
  const recorder = new EventRecorder(() => now);
  for (const [atMs, event] of events) {
    now = atMs;
    recorder.record(event);
  }
  return recorder.text();
}

describe('a recording', () => {
  test('gives back every event that it was told, with its moment', () => {
    const events = [
      ...comparisonEvents(3),
      ...loadEvents(3),
      { type: 'pause', state: 'asked' },
    ] as const;
    const timed = events.map((event, at) => [5000 + 1000 * at, event] as const);
    const expected = events.map((event, at) => ({ atMs: 1000 * at, event }));
    expect(parseRecording(record(timed), 'events.jsonl')).toEqual(expected);
  });

  test('keeps two a second of those that only pass by, and all others', () => {
    const passing: RunEvent = { ...loadEvents(1)[1] } as RunEvent;
    const stage: RunEvent = { type: 'stage', stage: 'a', text: 'a' };
    const timed = Array.from(
      { length: 100 },
      (_, at) => [at * 20, at % 50 === 0 ? stage : passing] as const,
    );
    const types = parseRecording(record(timed), '').map(({ event }) => event.type);
    expect(types.filter((type) => type === 'stage').length).toBe(2);
    expect(types.filter((type) => type === 'load').length).toBe(4);
  });

  test.each([
    ['no JSON', '{"atMs": 0, "eve'],
    ['of another kind', '{"atMs": 0, "event": {"type": "comet"}}'],
    ['without a figure', '{"atMs": 0, "event": {"type": "load", "phase": "proxy"}}'],
    ['before its beginning', '{"atMs": -1, "event": {"type": "stage", "stage": "a", "text": "a"}}'],
  ])('that is %s is refused, and the line is named', (_what, line) => {
    const whole = record([[0, { type: 'stage', stage: 'a', text: 'a' }]]);
    expect(() => parseRecording(`${whole}${line}\n`, 'run/events.jsonl')).toThrow(
      'line 2 of run/events.jsonl is no event of a run',
    );
  });
});
