/**
 * One round of component scenarios: for each scenario a fresh process an arm, and in them its cases
 * one after the other, each in short batches that take turns. A case gives one figure of time and
 * one of allocations an arm. Whatever ends it, no process that it started is left.
 */
import {
  type ComponentCase,
  type ComponentScenario,
  type ComponentSetting,
  caseScenario,
} from '../model/component.ts';
import { HopmarkError } from '../model/error.ts';
import type { Arm, ArmFigures, Round } from '../model/round.ts';
import { median } from '../stats/quantile.ts';
import type { Affinity } from '../sut/affinity.ts';
import { type ComponentProcess, startComponentProcess } from '../sut/component-process.ts';
import { openCpuClock } from '../sut/cpu-clock.ts';
import { readCpuTicks, stealFraction } from '../sut/machine.ts';
import type { ComponentRoundPlan, ComponentShape } from './component-plan.ts';
import { Settler } from './settle.ts';

/** What every round of a component run shares. */
export interface ComponentContext {
  /** The reference first. */
  readonly arms: readonly Arm[];
  readonly shape: ComponentShape;
  readonly setting: ComponentSetting;
  readonly affinity: Affinity | null;
  readonly signal: AbortSignal;
  /** Milliseconds since the run began. */
  readonly elapsedMs: () => number;
  /** Told which case begins. */
  readonly onCase: (scenario: string) => void;
}

/**
 * Measures one round, an entry a case, in whatever order they were measured. Rejects if an arm fails
 * or answers otherwise, or on abort.
 */
export async function measureComponentRound(
  context: ComponentContext,
  plan: ComponentRoundPlan,
): Promise<readonly Round[]> {
  const rounds: Round[] = [];
  for (const { scenario, cases } of plan.scenarios) {
    rounds.push(...(await measureScenario(context, plan, scenario, cases)));
  }
  return rounds;
}

/** An arm with its process. */
interface Driven {
  readonly arm: Arm;
  readonly driven: ComponentProcess;
}

async function measureScenario(
  context: ComponentContext,
  plan: ComponentRoundPlan,
  scenario: ComponentScenario,
  cases: readonly ComponentCase[],
): Promise<readonly Round[]> {
  const running = await startAll(context, plan);
  try {
    for (const { driven } of running) context.affinity?.pin(driven.pid, context.affinity.sutCpu);
    const rounds: Round[] = [];
    for (const one of cases) {
      context.signal.throwIfAborted();
      context.onCase(caseScenario(scenario, one));
      rounds.push(await measureCase(context, plan, running, scenario, one));
    }
    await Promise.all(running.map(({ driven }) => driven.stop()));
    return rounds;
  } finally {
    await Promise.all(running.map(({ driven }) => driven.kill()));
  }
}

async function startAll(context: ComponentContext, plan: ComponentRoundPlan): Promise<Driven[]> {
  const { arms, setting, signal } = context;
  const running: Driven[] = [];
  const starts = plan.arms().flatMap((id) => {
    const arm = arms.find((candidate) => candidate.id === id);
    if (arm === undefined) return [];
    const label = `${arm.name} (${arm.id})`;
    return [
      startComponentProcess(arm.spec ?? arm.name, label, setting, signal).then((driven) => {
        running.push({ arm, driven });
      }),
    ];
  });
  const failed = (await Promise.allSettled(starts)).find(({ status }) => status === 'rejected');
  if (failed === undefined && !signal.aborted) return running;
  await Promise.all(running.map(({ driven }) => driven.kill()));
  signal.throwIfAborted();
  throw failed?.status === 'rejected' ? failed.reason : new Error('nothing failed');
}

async function measureCase(
  context: ComponentContext,
  plan: ComponentRoundPlan,
  running: readonly Driven[],
  scenario: ComponentScenario,
  one: ComponentCase,
): Promise<Round> {
  const { shape, elapsedMs, signal } = context;
  const startedAtMs = elapsedMs();
  const ticks = readCpuTicks();
  const name = caseScenario(scenario, one);
  await prepareAll(context, running, scenario, one);
  const clocks = running.map(({ driven }) => openCpuClock(driven.pid));
  try {
    const settler = new Settler(clocks);
    const inTurn = async (act: (driven: ComponentProcess, id: string) => Promise<void>) => {
      for (const id of plan.arms()) {
        signal.throwIfAborted();
        const { driven } = running.find(({ arm }) => arm.id === id) ?? {};
        if (driven === undefined) continue;
        settler.settle();
        await act(driven, id);
      }
    };
    const times = new Map<string, number[]>(running.map(({ arm }) => [arm.id, []]));
    const bytes = new Map<string, number>();
    const operations = new Map<string, number>();
    await inTurn((driven) => driven.warmUp(shape.warmUpMs));
    for (let batch = 0; batch < shape.batches; batch += 1) {
      await inTurn(async (driven, id) => {
        const measured = await driven.batch(shape.batchMs);
        times.get(id)?.push(measured.timeUs);
        operations.set(id, (operations.get(id) ?? 0) + measured.operations);
      });
    }
    await inTurn(async (driven, id) => {
      const counted = await driven.allocations(shape.allocationRuns);
      bytes.set(id, counted.bytes / counted.operations);
    });
    return {
      index: plan.index,
      scenario: name,
      startedAtMs,
      durationMs: elapsedMs() - startedAtMs,
      arms: Object.fromEntries(
        running.map(({ arm: { id } }) => [
          id,
          figuresOf(times.get(id) ?? [], bytes.get(id) ?? 0, operations.get(id) ?? 0),
        ]),
      ),
      signals: {
        stealFraction: stealFraction(ticks, readCpuTicks()),
        cycles: shape.batches,
        cyclesDiscarded: 0,
        unsettledWaits: settler.unsettled,
        warmUpBlocks: 1,
        steady: true,
      },
      warnings: [],
    };
  } finally {
    for (const clock of clocks) clock?.close();
  }
}

/** No figure for what answers otherwise than the reference does. */
async function prepareAll(
  { arms }: ComponentContext,
  running: readonly Driven[],
  scenario: ComponentScenario,
  one: ComponentCase,
): Promise<void> {
  const digests = new Map<string, string>();
  for (const { arm, driven } of running) {
    digests.set(arm.id, await driven.prepare(scenario.name, one.name));
  }
  const [reference] = arms;
  const expected = digests.get(reference?.id ?? '');
  for (const { arm, driven } of running) {
    if (digests.get(arm.id) === expected) continue;
    throw new HopmarkError(
      'sut',
      'wrong-answer',
      `${driven.label} answers otherwise than ${reference?.name} in ${caseScenario(scenario, one)}, so no figure of it is given.`,
      { remedy: 'impls/contract.ts says what each operation has to answer.' },
    );
  }
}

/** Less than this is what the counting loop may have allocated itself. */
const LEAST_BYTES = 1;

function figuresOf(timesUs: readonly number[], bytes: number, operations: number): ArmFigures {
  return {
    values: {
      'component-time': median(timesUs),
      'component-allocated': Math.max(LEAST_BYTES, bytes),
    },
    unavailable: {},
    requests: operations,
    busyFraction: null,
  };
}
