/** A load test: one proxy at one rate for a while, the origin alone in stretches between. */
import type { OfferedLoad, OpenLoopFigures, TimelineWindow } from '../model/load-report.ts';
import { onStage, type Session, type SessionEnd, type SessionSettings } from './session.ts';
import type { StretchRun } from './stage.ts';
import { type ArmName, lengthOf, planStretches, type Stretch } from './stretches.ts';
import { Tally } from './tally.ts';
import type { Window } from './windows.ts';

export interface LoadResult extends SessionEnd {
  readonly load: OfferedLoad;
  readonly direct: OpenLoopFigures;
  readonly proxy: OpenLoopFigures;
  readonly timeline: readonly TimelineWindow[];
  /** HdrHistogram's own text of the proxy's latencies. */
  readonly percentileText: string;
}

/** A rate out of reach is not waited for: after a stretch its requests are given up. */
const PATIENCE_MS = 3000;

/**
 * Measures. Rejects with a HopmarkError, or the abort's reason, if it ends before the first stretch
 * of the proxy is done; after that what was measured is returned. No process is left either way.
 */
export async function runLoad(settings: SessionSettings): Promise<LoadResult> {
  const tallies = { direct: new Tally('direct'), proxy: new Tally(settings.scenario.name) };
  const timeline: TimelineWindow[] = [];
  const found: { load: OfferedLoad | null } = { load: null };
  const end = await onStage(
    settings,
    async (session) => {
      const load = await session.findLoad();
      found.load = load;
      await session.settle(load, 'direct');
      await session.settle(load, 'proxy');
      const stretches = planStretches(settings.durationMs, settings.seed);
      session.totalMs = lengthOf(stretches);
      for (const stretch of stretches) {
        const done = await runStretch(session, stretch, load);
        tallies[stretch.arm].add(done.run, done.windows);
        timeline.push(
          ...done.windows.map((window) => pointOf(stretch.arm, session.doneMs, window)),
        );
        session.doneMs += stretch.durationMs;
        session.stage.assertAlive();
        if (!done.run.complete) return false;
        // Beyond its capacity: more of the same would tell nothing new.
        if (done.run.unanswered > 0) return true;
      }
      return true;
    },
    () => tallies.proxy.answered > 0,
  );
  if (found.load === null) throw new Error('a session that ended without an error has a load');
  return {
    ...end,
    load: found.load,
    direct: tallies.direct.figures(),
    proxy: tallies.proxy.figures(),
    timeline,
    percentileText: tallies.proxy.percentileText(),
  };
}

/** One stretch, told about once a second. */
export function runStretch(
  session: Session,
  stretch: Stretch,
  load: OfferedLoad,
): Promise<StretchRun> {
  session.tell(stretch.arm);
  let withinMs = 0;
  return session.stage.run(stretch, load, {
    patienceMs: PATIENCE_MS,
    onLive: (live) => {
      withinMs += 1000;
      session.tell(stretch.arm, Math.min(withinMs, stretch.durationMs), live);
    },
  });
}

/** A window as timelines show it. */
export function pointOf(arm: ArmName, startedAtMs: number, window: Window): TimelineWindow {
  const { startMs, durationMs, requests, failed, p50Us, p99Us, maxUs, lagP99Us } = window;
  return {
    arm,
    atMs: startedAtMs + startMs,
    durationMs,
    requests,
    failed,
    p50Us,
    p99Us,
    maxUs,
    lagP99Us,
    ...window.disturbance,
  };
}
