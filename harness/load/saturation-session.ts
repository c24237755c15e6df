/** Saturation of one proxy: a closed loop at several numbers of connections, one after the other. */

import { saturate } from '../drivers/saturation.ts';
import type { SaturationStep } from '../model/load-report.ts';
import { onStage, type SessionEnd, type SessionSettings } from './session.ts';

/** The numbers of connections of the scenarios `concurrency-100` to `concurrency-1000`. */
export const SATURATION_CONNECTIONS: readonly number[] = [100, 250, 500, 1000];

export interface SaturationSettings extends SessionSettings {
  /** In the order in which they are tried. */
  readonly steps: readonly number[];
}

export interface SaturationResult extends SessionEnd {
  readonly steps: readonly SaturationStep[];
}

/** The name of a scenario of so many connections. */
function saturationName(connections: number): string {
  return `concurrency-${connections}`;
}

/** The connections of a scenario of that name, or null if it is another kind of scenario. */
export function saturationConnections(name: string): number | null {
  return SATURATION_CONNECTIONS.find((connections) => saturationName(connections) === name) ?? null;
}

/** Measures; `durationMs` is for all steps together. Rejects and returns as `runLoad` does. */
export async function runSaturation(settings: SaturationSettings): Promise<SaturationResult> {
  const steps: SaturationStep[] = [];
  const end = await onStage(
    settings,
    async (session) => {
      await session.prepare(false);
      session.totalMs = settings.durationMs;
      const durationMs = settings.durationMs / settings.steps.length;
      for (const connections of settings.steps) {
        settings.signal.throwIfAborted();
        session.note = `${connections} connections`;
        session.tell('closed loop');
        let withinMs = 0;
        const result = await saturate({
          target: session.stage.sut,
          stream: session.stage.traffic,
          connections,
          durationMs,
          signal: settings.signal,
          onSecond: (answered) => {
            withinMs = Math.min(withinMs + 1000, durationMs);
            session.tell('closed loop', withinMs, {
              answersPerSecond: answered,
              failed: 0,
              p50Us: null,
              p99Us: null,
            });
          },
        });
        session.stage.assertAlive();
        steps.push({ name: saturationName(connections), connections, ...result });
        session.doneMs += durationMs;
      }
      return true;
    },
    () => steps.length > 0,
  );
  return { ...end, steps };
}
