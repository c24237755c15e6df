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
  readonly onCase: (scenario: string) => void | Promise<void>;
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
  const clocks = running.map(({ driven }) => openCpuClock(driven.pid));
  try {
    const pids = running.map(({ driven }) => driven.pid);
    context.affinity?.pin(pids, context.affinity.sutCpu);
    const stage: Stage = {
      ...context,
      plan,
      running,
      settler: new Settler(clocks, context.shape.settleMaxMs),
    };
    for (const one of cases) await prepareAll(stage, scenario, one);
    for (let time = 0; time < WARM_UPS; time += 1) {
      for (const one of cases) await warmUpAll(stage, one, cases.length);
    }
    for (const clock of clocks) clock?.refresh();
    const rounds: Round[] = [];
    for (const one of cases) {
      await context.onCase(caseScenario(scenario, one));
      rounds.push(await measureCase(stage, scenario, one));
    }
    return rounds;
  } finally {
    for (const clock of clocks) clock?.close();
    await Promise.all(running.map(({ driven }) => driven.kill()));
  }
}

const WARM_UPS = 2;

/** The processes of one scenario. */
interface Stage extends ComponentContext {
  readonly plan: ComponentRoundPlan;
  readonly running: readonly Driven[];
  readonly settler: Settler;
}

/** Has every arm act once, one after the other in a new order, each when all others rest. */
async function inTurn(
  { plan, running, settler, signal }: Stage,
  act: (driven: ComponentProcess, id: string) => Promise<void>,
): Promise<void> {
  for (const id of plan.arms()) {
    signal.throwIfAborted();
    const { driven } = running.find(({ arm }) => arm.id === id) ?? {};
    if (driven === undefined) continue;
    settler.settle();
    await act(driven, id);
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

/** No figure for what answers otherwise than the reference does. */
async function prepareAll(
  { arms, running, signal }: Stage,
  scenario: ComponentScenario,
  one: ComponentCase,
): Promise<void> {
  const digests = new Map<string, string>();
  for (const { arm, driven } of running) {
    signal.throwIfAborted();
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

function warmUpAll(stage: Stage, { name }: ComponentCase, cases: number): Promise<void> {
  const { warmUpMs, warmUpLeastMs } = stage.shape;
  const ms = Math.max(warmUpLeastMs, warmUpMs / cases);
  return inTurn(stage, (driven) => driven.warmUp(name, ms));
}

async function measureCase(
  stage: Stage,
  scenario: ComponentScenario,
  one: ComponentCase,
): Promise<Round> {
  const { shape, elapsedMs, running, settler } = stage;
  const startedAtMs = elapsedMs();
  const ticks = readCpuTicks();
  const unsettledBefore = settler.unsettled;
  const figures = new Map(running.map(({ arm }) => [arm.id, new CaseFigures()]));
  for (let batch = 0; batch < shape.batches; batch += 1) {
    await inTurn(stage, async (driven, id) => {
      figures.get(id)?.addBatch(await driven.batch(one.name, shape.batchMs));
    });
  }
  await inTurn(stage, async (driven, id) => {
    figures.get(id)?.setAllocations(await driven.allocations(one.name, shape.allocationRuns));
  });
  return {
    index: stage.plan.index,
    scenario: caseScenario(scenario, one),
    startedAtMs,
    durationMs: elapsedMs() - startedAtMs,
    arms: Object.fromEntries([...figures].map(([id, own]) => [id, own.read()])),
    signals: {
      stealFraction: stealFraction(ticks, readCpuTicks()),
      cycles: shape.batches,
      cyclesDiscarded: 0,
      unsettledWaits: settler.unsettled - unsettledBefore,
      warmUpBlocks: WARM_UPS,
      steady: true,
    },
    warnings: [],
  };
}

/** Less than this is what the counting loop may have allocated itself. */
const LEAST_BYTES = 1;

/** What one arm's batches of a case add up to. */
class CaseFigures {
  readonly #timesUs: number[] = [];
  #operations = 0;
  #bytes = 0;

  addBatch({ timeUs, operations }: { readonly timeUs: number; readonly operations: number }): void {
    this.#timesUs.push(timeUs);
    this.#operations += operations;
  }

  setAllocations(counted: { readonly bytes: number; readonly operations: number }): void {
    this.#bytes = counted.bytes / counted.operations;
  }

  read(): ArmFigures {
    return {
      values: {
        'component-time': median(this.#timesUs),
        'component-allocated': Math.max(LEAST_BYTES, this.#bytes),
      },
      unavailable: {},
      requests: this.#operations,
      busyFraction: null,
    };
  }
}
