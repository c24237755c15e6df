/**
 * The cells of the simulation, one for each design of a gate and each setting of noise, and the thread
 * that works them off: it takes {@link CellTask} messages and answers with {@link CellOutcome} ones.
 */
import { readFile } from 'node:fs/promises';
import { isMainThread, parentPort, workerData } from 'node:worker_threads';
import { z } from 'zod';
import { bankedSource } from '../harness/simulation/bank.ts';
import {
  type Effect,
  type RoundSource,
  syntheticSource,
} from '../harness/simulation/noise-model.ts';
import {
  type OperatingCharacteristics,
  operatingCharacteristics,
} from '../harness/simulation/operating-characteristics.ts';
import { SETTINGS } from '../harness/simulation/settings.ts';
import type { GateDesign } from '../harness/simulation/simulate-gate.ts';

/** One kind of gate, and what is asked of it where the noise is such as was measured. */
export interface SimulatedDesign {
  readonly name: string;
  readonly design: GateDesign;
  /** A slower candidate's change of CPU time, and the share of such gates that have to say so. */
  readonly effect: number;
  readonly caught: number;
  /** True if at most one in twenty gates without a change may be left undecided. */
  readonly decides: boolean;
}

/** Gates as they are run here: 30 s hold 5 rounds, 60 s hold 9, 180 s hold 24. */
export const DESIGNS: readonly SimulatedDesign[] = [
  {
    name: '30 s, 2 % counts',
    design: designOf(5, 0.02),
    effect: 0.05,
    caught: 0.95,
    decides: true,
  },
  {
    name: '60 s, 0.8 % counts',
    design: designOf(9, 0.008),
    effect: 0.02,
    caught: 0.8,
    // 0.8 % is near what 60 s can tell; ruling it out takes three times as long.
    decides: false,
  },
  {
    name: '180 s, 0.8 % counts',
    design: designOf(24, 0.008),
    effect: 0.02,
    caught: 0.95,
    decides: true,
  },
];

function designOf(rounds: number, effect: number): GateDesign {
  const thresholds = { 'hop-p50': effect, 'cpu-per-request': effect };
  return { rounds, lookEvery: 5, thresholds, error: 0.05 };
}

/** One kind of noise. */
export interface SimulatedSetting {
  readonly name: string;
  /** True if it is noise that was measured, which has to be borne and seen through. */
  readonly measured: boolean;
  readonly source: (effect: Effect, seed: number) => RoundSource;
}

/** The synthetic settings, the measured one first, and banked rounds of a file if there is one. */
export async function readSettings(bank: string | undefined): Promise<readonly SimulatedSetting[]> {
  const synthetic = SETTINGS.map((model, index) => ({
    name: model.name,
    measured: index === 0,
    source: (effect: Effect, seed: number) => syntheticSource(model, effect, seed),
  }));
  return bank === undefined ? synthetic : [...synthetic, await bankedSetting(bank)];
}

const figures = z.record(z.string(), z.number().positive());
const bankSchema = z.object({ rounds: z.array(z.tuple([figures, figures, figures])).min(1) });

async function bankedSetting(file: string): Promise<SimulatedSetting> {
  const { rounds } = bankSchema.parse(JSON.parse(await readFile(file, 'utf8')));
  return {
    name: `banked, ${rounds.length} rounds`,
    measured: true,
    source: (effect, seed) => bankedSource(rounds, effect, seed),
  };
}

/** A cell by its place in {@link DESIGNS} and in the settings, and the gates to simulate. */
export interface CellTask {
  readonly design: number;
  readonly setting: number;
  readonly gates: number;
}

/** What its gates said without a change, and of a slower candidate. */
export interface CellOutcome {
  readonly same: OperatingCharacteristics;
  readonly slower: OperatingCharacteristics;
}

const FIRST_SEED = 1;
const FIRST_SEED_SLOWER = 1_000_000;

function simulateCell(settings: readonly SimulatedSetting[], task: CellTask): CellOutcome {
  const [shape, noise] = [DESIGNS[task.design], settings[task.setting]];
  if (shape === undefined || noise === undefined) throw new Error('a task of no cell');
  const against = (change: Effect, seed: number): OperatingCharacteristics =>
    operatingCharacteristics(task.gates, shape.design, (gate) => noise.source(change, seed + gate));
  return {
    same: against({}, FIRST_SEED),
    slower: against({ 'cpu-per-request': Math.log1p(shape.effect) }, FIRST_SEED_SLOWER),
  };
}

if (!isMainThread && parentPort !== null) {
  const port = parentPort;
  const { bank } = z.object({ bank: z.string().nullable() }).parse(workerData);
  const settings = readSettings(bank ?? undefined);
  port.on('message', (task: CellTask) => {
    void settings.then((all) => port.postMessage(simulateCell(all, task)));
  });
}
