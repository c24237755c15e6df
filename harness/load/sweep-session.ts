/** A rate sweep: latency at rates from a tenth of the capacity to beyond it. */
import type { OpenLoopFigures, SweepStep } from '../model/load-report.ts';
import { median, quantile, sorted } from '../stats/quantile.ts';
import { runStretch } from './load-session.ts';
import { onStage, type SessionEnd, type SessionSettings } from './session.ts';
import { lengthOf } from './stretches.ts';
import { planSweep, type SweepPlan } from './sweep-plan.ts';
import { Tally } from './tally.ts';

/** Steps as they were measured; whether each was held is judged elsewhere. */
export interface SweepResult extends SessionEnd {
  readonly capacityPerSecond: number;
  readonly steps: readonly Omit<SweepStep, 'held' | 'driverLate'>[];
}

/** Measures. Rejects and returns as `runLoad` does; a sweep that ended early has the steps done. */
export async function runSweep(settings: SessionSettings): Promise<SweepResult> {
  const found: { plan: SweepPlan | null; capacity: number } = { plan: null, capacity: 0 };
  const measured = new Map<number, { readonly tally: Tally; readonly passes: Percentiles[] }>();
  const end = await onStage(
    settings,
    async (session) => {
      const capacity = (await session.prepare(true)) ?? 0;
      const plan = planSweep(capacity, settings.durationMs, settings.seed);
      Object.assign(found, { plan, capacity });
      const load = {
        connections: settings.connections,
        arrivals: settings.arrivals,
        rateFrom: 'half-capacity',
        capacityPerSecond: capacity,
      } as const;
      await session.settle({ ...load, ratePerSecond: Math.max(1, capacity / 2) }, 'proxy');
      session.totalMs = lengthOf(plan.visits);
      for (const { step, durationMs, seed } of plan.visits) {
        const ratePerSecond = plan.ratesPerSecond[step] ?? 1;
        session.note = `${ratePerSecond} a second`;
        const stretch = { arm: 'proxy', durationMs, seed } as const;
        const { run, windows } = await runStretch(session, stretch, { ...load, ratePerSecond });
        const at = measured.get(step) ?? { tally: new Tally(settings.scenario.name), passes: [] };
        measured.set(step, at);
        at.tally.add(run, windows);
        at.passes.push(percentilesOf(run.latencyUs));
        session.doneMs += durationMs;
        session.stage.assertAlive();
        if (!run.complete) return false;
      }
      return true;
    },
    () => measured.size > 0,
  );
  if (found.plan === null) throw new Error('a session that ended without an error has a plan');
  return { ...end, capacityPerSecond: found.capacity, steps: stepsOf(found.plan, measured) };
}

interface Percentiles {
  readonly p50Us: number;
  readonly p99Us: number;
}

function percentilesOf(latencyUs: Float64Array): Percentiles {
  const answered = latencyUs.filter((us) => !Number.isNaN(us));
  if (answered.length === 0) return { p50Us: Number.NaN, p99Us: Number.NaN };
  const sample = sorted(answered);
  return { p50Us: quantile(sample, 0.5), p99Us: quantile(sample, 0.99) };
}

function stepsOf(
  { ratesPerSecond, shares }: SweepPlan,
  measured: ReadonlyMap<number, { readonly tally: Tally; readonly passes: readonly Percentiles[] }>,
): SweepResult['steps'] {
  return ratesPerSecond.flatMap((ratePerSecond, step) => {
    const found = measured.get(step);
    if (found === undefined) return [];
    const figures: OpenLoopFigures = found.tally.figures();
    const middle = (key: keyof Percentiles): number | null => {
      const values = found.passes.map((pass) => pass[key]).filter((us) => !Number.isNaN(us));
      return values.length === 0 ? null : median(values);
    };
    return [
      {
        ratePerSecond,
        ofCapacity: shares[step] ?? 0,
        figures,
        p50Us: middle('p50Us'),
        p99Us: middle('p99Us'),
        passes: found.passes.length,
      },
    ];
  });
}
