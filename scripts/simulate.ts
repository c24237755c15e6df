/**
 * Simulates gates by the thousand, under each setting of noise and with banked rounds if there are
 * any, and prints how often they say what. The bars are those that docs/statistics.md states; the
 * exit code is 1 if one is missed.
 *
 *   node scripts/simulate.ts [--gates 10000] [--bank FILE] [--smoke]
 */
import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import type { Interval } from '../harness/model/report.ts';
import { type BankedRound, bankedSource } from '../harness/simulation/bank.ts';
import {
  type Effect,
  type RoundSource,
  syntheticSource,
} from '../harness/simulation/noise-model.ts';
import {
  type OperatingCharacteristics,
  operatingCharacteristics,
  type Share,
} from '../harness/simulation/operating-characteristics.ts';
import { SETTINGS } from '../harness/simulation/settings.ts';
import type { GateDesign } from '../harness/simulation/simulate-gate.ts';

const { values } = parseArgs({
  options: {
    gates: { type: 'string', default: '10000' },
    bank: { type: 'string' },
    smoke: { type: 'boolean', default: false },
  },
});
const GATES = values.smoke ? 20 : Number(values.gates);

/** Gates as they are run here: 30 s hold 6 rounds, 60 s hold 11. */
const DESIGNS: readonly { name: string; design: GateDesign; effect: number; caught: number }[] = [
  { name: '30 s, 2 % counts', design: designOf(6, 0.02), effect: 0.05, caught: 0.95 },
  { name: '60 s, 0.8 % counts', design: designOf(11, 0.008), effect: 0.02, caught: 0.8 },
];
/** What every setting has to keep, and what those that were measured here have to. */
const MOST_FALSE_ALARMS = 0.01;
const MOST_INCONCLUSIVE = 0.05;

function designOf(rounds: number, effect: number): GateDesign {
  const thresholds = { 'hop-p50': effect, 'cpu-per-request': effect };
  return { rounds, lookEvery: 5, thresholds, error: 0.05 };
}

interface Setting {
  readonly name: string;
  /** True if it is noise that was measured, which has to be borne and seen through. */
  readonly measured: boolean;
  readonly source: (effect: Effect, seed: number) => RoundSource;
}

const settings: readonly Setting[] = [
  ...SETTINGS.map((model, index) => ({
    name: model.name,
    measured: index === 0,
    source: (effect: Effect, seed: number) => syntheticSource(model, effect, seed),
  })),
  ...(values.bank === undefined ? [] : [await bankedSetting(values.bank)]),
];

async function bankedSetting(file: string): Promise<Setting> {
  const figures = z.record(z.string(), z.number().positive());
  const schema = z.object({ rounds: z.array(z.tuple([figures, figures, figures])).min(1) });
  const bank: readonly BankedRound[] = schema.parse(
    JSON.parse(await readFile(file, 'utf8')),
  ).rounds;
  return {
    name: `banked, ${bank.length} rounds`,
    measured: true,
    source: (effect, seed) => bankedSource(bank, effect, seed),
  };
}

let missed = 0;
console.log(`${GATES} gates a cell; in brackets the exact 95 % interval`);
for (const { name, design, effect, caught } of DESIGNS) {
  console.log(`\n${name}`);
  for (const setting of settings) {
    const against = (change: Effect, base: number): OperatingCharacteristics =>
      operatingCharacteristics(GATES, design, (gate) => setting.source(change, base + gate));
    const same = against({}, 1);
    const slower = against({ 'cpu-per-request': Math.log1p(effect) }, 1_000_000);
    const misses = [
      ...(same.regressed.interval[0] > MOST_FALSE_ALARMS ? ['false alarms'] : []),
      // The bar on shrugging is the short gate's: 0.8 % is near what 60 s can tell.
      ...(setting.measured && design.rounds === 6 && same.inconclusive.share > MOST_INCONCLUSIVE
        ? ['inconclusive']
        : []),
      ...(setting.measured && slower.regressed.share < caught ? ['power'] : []),
    ];
    missed += misses.length;
    console.log(
      [
        `  ${setting.name.padEnd(22)}`,
        `false alarms ${show(same.regressed)}`,
        `inconclusive ${show(same.inconclusive)}`,
        `rounds ${same.meanRounds.toFixed(1)}`,
        `+${effect * 100} % caught ${show(slower.regressed)}`,
        misses.length === 0 ? '' : `MISSED: ${misses.join(', ')}`,
      ].join('  '),
    );
  }
}
if (missed > 0 && !values.smoke) process.exitCode = 1;

function show({ share, interval }: Share): string {
  return `${percent(share).padStart(6)} ${`[${interval.map(percent).join(', ')}]`.padEnd(15)}`;
}

function percent(share: Interval[number]): string {
  return `${(share * 100).toFixed(share < 0.1 ? 2 : 1)}`;
}
