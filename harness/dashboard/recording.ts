/**
 * The events of a run as a file: JSON lines, each an event with its moment in milliseconds since the
 * first one was recorded.
 */
import { z } from 'zod';
import { HopmarkError } from '../model/error.ts';
import type { RunEvent } from '../model/run-event.ts';

export interface RecordedEvent {
  readonly atMs: number;
  readonly event: RunEvent;
}

/** Between events that change nothing but figures of the moment. */
const PASSING_MS = 500;

/** Collects a run's events, of those that only pass by two a second. */
export class EventRecorder {
  readonly #nowMs: () => number;
  readonly #lines: string[] = [];
  #begunAtMs: number | null = null;
  #passedAtMs = Number.NEGATIVE_INFINITY;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  record(event: RunEvent): void {
    const now = this.#nowMs();
    this.#begunAtMs ??= now;
    if (event.type === 'advanced' || event.type === 'load') {
      if (now - this.#passedAtMs < PASSING_MS) return;
      this.#passedAtMs = now;
    }
    this.#lines.push(JSON.stringify({ atMs: Math.round(now - this.#begunAtMs), event }));
  }

  /** The file. */
  text(): string {
    return this.#lines.map((line) => `${line}\n`).join('');
  }
}

const amount = z.number();
const maybe = amount.nullable();
const byArm = <Value extends z.ZodType>(value: Value) => z.record(z.string(), value);

const figure = z.strictObject({
  group: z.string(),
  label: z.string(),
  unit: z.enum(['us', 'requests/s', 'bytes', 'fraction']),
  reference: maybe,
  candidate: maybe,
  ratio: maybe,
  interval: z.tuple([amount, amount]).readonly().nullable(),
  verdict: z.enum(['improved', 'unchanged', 'regressed', 'inconclusive']).nullable(),
  decided: maybe,
});

const event: z.ZodType<RunEvent> = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('begun'),
    command: z.string(),
    scenario: z.string(),
    contestants: z.array(
      z.strictObject({
        id: z.string(),
        role: z.enum(['direct', 'reference', 'twin', 'candidate', 'floor']),
        name: z.string(),
      }),
    ),
  }),
  z.strictObject({ type: z.literal('stage'), stage: z.string(), text: z.string() }),
  z.strictObject({
    type: z.literal('advanced'),
    round: z.int(),
    doing: z.string(),
    elapsedMs: amount,
    remainingMs: maybe,
    plannedRounds: maybe,
  }),
  z.strictObject({
    type: z.literal('round'),
    round: z.int(),
    hopUs: byArm(amount),
    stolen: maybe,
    busy: maybe,
    cycles: amount,
    cyclesDiscarded: amount,
    distribution: z
      .strictObject({ fromUs: amount, toUs: amount, counts: byArm(z.array(amount)) })
      .nullable(),
    figures: z.array(figure),
  }),
  z.strictObject({
    type: z.literal('load'),
    phase: z.string(),
    elapsedMs: amount,
    totalMs: amount,
    live: z
      .strictObject({ answersPerSecond: amount, failed: amount, p50Us: maybe, p99Us: maybe })
      .nullable(),
    note: z.string(),
  }),
  z.strictObject({ type: z.literal('pause'), state: z.enum(['none', 'asked', 'paused']) }),
]);

const recorded = z.strictObject({ atMs: z.number().min(0), event });

/** A recording from its text. Throws a user's HopmarkError, `recording-corrupt`, naming the line. */
export function parseRecording(text: string, path: string): readonly RecordedEvent[] {
  return text.split('\n').flatMap((line, at) => {
    if (line === '') return [];
    try {
      return [recorded.parse(JSON.parse(line))];
    } catch (cause) {
      const message = `line ${at + 1} of ${path} is no event of a run`;
      const remedy = 'The report itself may be whole: print it without --replay.';
      throw new HopmarkError('user', 'recording-corrupt', message, { cause, remedy });
    }
  });
}
