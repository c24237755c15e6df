/**
 * A soak: one proxy at one rate for a long time, in stretches between which all is answered and its
 * memory is read after forced collections.
 */
import type {
  MemoryPoint,
  OfferedLoad,
  OpenLoopFigures,
  ProcessHandles,
  TimelineWindow,
} from '../model/load-report.ts';
import { readHandles } from '../sut/process-handles.ts';
import { pointOf, runStretch } from './load-session.ts';
import { onStage, type Session, type SessionEnd, type SessionSettings } from './session.ts';
import { planSoak } from './soak-plan.ts';
import { Tally } from './tally.ts';

export interface SoakSettings extends SessionSettings {
  readonly maxMemoryBytes: number;
}

export interface SoakResult extends SessionEnd {
  readonly load: OfferedLoad;
  readonly proxy: OpenLoopFigures;
  readonly timeline: readonly TimelineWindow[];
  readonly readings: readonly MemoryPoint[];
  /** Resident before the first request. */
  readonly idleRssBytes: number;
  readonly handles: {
    readonly before: ProcessHandles | null;
    readonly during: ProcessHandles | null;
    readonly after: ProcessHandles | null;
  };
  readonly percentileText: string;
}

/** A process this far beyond its limit is not watched any longer: it would take the machine down. */
const RUNAWAY_TIMES = 3;
/** Sockets of clients that have left are closed within this. */
const CLOSING_MS = 2000;
const CLOSING_STEP_MS = 50;

/** Measures. Rejects and returns as `runLoad` does. */
export async function runSoak(settings: SoakSettings): Promise<SoakResult> {
  const tally = new Tally(settings.scenario.name);
  const timeline: TimelineWindow[] = [];
  const readings: MemoryPoint[] = [];
  const memory = { idleRssBytes: 0 };
  const handles: Record<'before' | 'during' | 'after', ProcessHandles | null> = {
    before: null,
    during: null,
    after: null,
  };
  const found: { load: OfferedLoad | null } = { load: null };
  const end = await onStage(
    settings,
    async (session) => {
      handles.before = handlesOf(session);
      memory.idleRssBytes = (await session.stage.sut.settledMemory()).settledRssBytes;
      const load = await session.findLoad();
      found.load = load;
      await session.settle(load, 'proxy');
      readings.push(await readMemory(session, tally));
      const stretches = planSoak(settings.durationMs, settings.seed);
      session.totalMs = settings.durationMs;
      for (const stretch of stretches) {
        const { run, windows } = await runStretch(session, stretch, load);
        tally.add(run, windows);
        timeline.push(...windows.map((window) => pointOf('proxy', session.doneMs, window)));
        session.doneMs += stretch.durationMs;
        session.stage.assertAlive();
        handles.during = handlesOf(session);
        session.tell('memory');
        const reading = await readMemory(session, tally);
        readings.push(reading);
        session.note = `${(reading.settledRssBytes / 1e6).toFixed(1)} MB resident`;
        if (!run.complete) return false;
        const addedBytes = reading.rssBytes - memory.idleRssBytes;
        if (addedBytes > RUNAWAY_TIMES * settings.maxMemoryBytes) return false;
      }
      handles.after = await handlesAfterwards(session);
      return true;
    },
    () => tally.answered > 0,
  );
  if (found.load === null) throw new Error('a session that ended without an error has a load');
  return {
    ...end,
    load: found.load,
    proxy: tally.figures(),
    timeline,
    readings,
    ...memory,
    handles,
    percentileText: tally.percentileText(),
  };
}

async function readMemory({ stage, doneMs }: Session, tally: Tally): Promise<MemoryPoint> {
  const memory = await stage.sut.settledMemory();
  return { atMs: doneMs, requests: tally.answered, ...memory };
}

function handlesOf({ stage: { sut, origin } }: Session): ProcessHandles | null {
  const [pid] = sut.processes();
  if (pid === undefined) return null;
  return readHandles(pid, { listenPort: sut.port, upstreamPort: origin.port });
}

/** After all clients have left, and the proxy has had time to see it. */
async function handlesAfterwards(session: Session): Promise<ProcessHandles | null> {
  session.stage.closeConnections();
  const endMs = performance.now() + CLOSING_MS;
  for (;;) {
    const handles = handlesOf(session);
    if (handles === null || handles.clientSockets === 0 || performance.now() > endMs) {
      return handles;
    }
    await new Promise((resolve) => setTimeout(resolve, CLOSING_STEP_MS));
  }
}
