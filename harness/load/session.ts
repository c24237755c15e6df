/**
 * What the sessions have in common: a stage that is set, a load that is found, an end that keeps
 * what was measured. An interruption and a proxy that dies half-way are ends, not errors; what fails
 * before anything was measured is an error.
 */
import type { Arrivals } from '../drivers/open-loop-schedule.ts';
import { HopmarkError } from '../model/error.ts';
import type { OfferedLoad } from '../model/load-report.ts';
import type { LiveFigures } from '../model/run-event.ts';
import type { Warning } from '../model/warning.ts';
import { readCpuTicks, stealFraction } from '../sut/machine.ts';
import type { LoadProgress } from './progress.ts';
import { Stage, type StageOptions } from './stage.ts';

/** What every session is given. */
export interface SessionSettings extends StageOptions {
  readonly connections: number;
  readonly arrivals: Arrivals;
  /** Null: half of the capacity, which is measured first. */
  readonly ratePerSecond: number | null;
  /** Time for measuring. */
  readonly durationMs: number;
  /** Show that all works, with figures that mean nothing. */
  readonly smoke: boolean;
  readonly onProgress: (progress: LoadProgress) => void;
}

/** What every session gives beside its figures. */
export interface SessionEnd {
  /** False if it was interrupted, or the proxy ended. */
  readonly complete: boolean;
  /** Why the proxy ended, if it did. */
  readonly failure: HopmarkError | null;
  readonly stealFraction: number | null;
  readonly warnings: readonly Warning[];
}

/** Times of a session's preparation, milliseconds. */
const USUAL = { warmUpMs: 3000, capacityMs: 2000, settlingMs: 1000 };
const SMOKE = { warmUpMs: 1, capacityMs: 1, settlingMs: 100 };

/** A session under way. */
export class Session {
  readonly stage: Stage;
  readonly settings: SessionSettings;
  /** Milliseconds that measuring has taken so far, by its plan. */
  doneMs = 0;
  /** What it will take. */
  totalMs = 0;
  note = '';

  constructor(stage: Stage, settings: SessionSettings) {
    this.stage = stage;
    this.settings = settings;
  }

  get #times(): typeof USUAL {
    return this.settings.smoke ? SMOKE : USUAL;
  }

  /** Tells how far it has come. */
  tell(phase: LoadProgress['phase'], withinMs = 0, live: LiveFigures | null = null): void {
    const { totalMs, note } = this;
    this.settings.onProgress({ phase, elapsedMs: this.doneMs + withinMs, totalMs, live, note });
  }

  /** Warms up, pins, and measures the capacity where it is wanted. */
  async prepare(wantsCapacity: boolean): Promise<number | null> {
    this.tell('warm-up');
    await this.stage.warmUp(this.#times.warmUpMs);
    this.stage.place();
    if (!wantsCapacity) return null;
    this.tell('capacity');
    return this.stage.capacity(this.settings.connections, this.#times.capacityMs);
  }

  /** The load to offer: the rate given, or half of the capacity. */
  async findLoad(): Promise<OfferedLoad> {
    const { ratePerSecond: given, connections, arrivals } = this.settings;
    const capacity = await this.prepare(given === null);
    return {
      connections,
      arrivals,
      ratePerSecond: given ?? Math.max(1, Math.floor((capacity ?? 0) / 2)),
      rateFrom: given === null ? 'half-capacity' : 'given',
      capacityPerSecond: capacity,
    };
  }

  /** Sends at the rate for a moment that counts for nothing: connections and caches settle. */
  async settle(load: OfferedLoad, arm: 'direct' | 'proxy'): Promise<void> {
    await this.stage.open(arm, load.connections);
    this.tell('settling');
    const stretch = { arm, durationMs: this.#times.settlingMs, seed: this.settings.seed };
    await this.stage.run(stretch, load);
    this.stage.assertAlive();
    this.settings.signal.throwIfAborted();
  }
}

/**
 * Sets a stage, runs `measure` on it and ends it. `measure` returns whether it came to its end; what
 * it throws after having measured something is its end too, as `measuredAny` says.
 */
export async function onStage(
  settings: SessionSettings,
  measure: (session: Session) => Promise<boolean>,
  measuredAny: () => boolean,
): Promise<SessionEnd> {
  const ticks = readCpuTicks();
  const stage = await Stage.start(settings);
  const session = new Session(stage, settings);
  let complete = false;
  let failure: HopmarkError | null = null;
  let doubts: readonly Warning[] = [];
  try {
    complete = await measure(session);
  } catch (error) {
    const interrupted = settings.signal.aborted;
    if (!measuredAny()) throw error;
    if (!interrupted && !(error instanceof HopmarkError)) throw error;
    if (!interrupted && error instanceof HopmarkError) failure = error;
  } finally {
    session.note = '';
    session.tell('stopping');
    doubts = await stage.stop();
  }
  return {
    complete: complete && !settings.signal.aborted,
    failure,
    stealFraction: stealFraction(ticks, readCpuTicks()),
    warnings: [...stage.warnings, ...doubts],
  };
}
