/**
 * The gates that a proof has run so far, one JSON line each, so that a proof of an hour may be stopped
 * and gone on with. Only gates of the commit at hand count: another one's prove nothing of this.
 */
import { appendFile, readFile } from 'node:fs/promises';
import { z } from 'zod';
import type { ReportDocument } from '../harness/model/report.ts';
import { type BankedRound, bankRounds } from '../harness/simulation/bank.ts';

/** What is kept of one gate. */
export interface ProvedGate {
  /** The name of its series. */
  readonly series: string;
  readonly commit: string;
  readonly seed: number;
  readonly at: string;
  readonly verdict: ReportDocument['verdict'];
  /** Measured rounds; the whole command's time in seconds. */
  readonly rounds: number;
  readonly seconds: number;
  /** Of the judged metrics. */
  readonly metrics: readonly {
    readonly metric: string;
    readonly ratio: number | null;
    readonly noiseFloor: number | null;
    readonly verdict: string | null;
  }[];
  /** Its rounds, for resampling. */
  readonly bank: readonly BankedRound[];
}

const figures = z.record(z.string(), z.number().positive());
const gateSchema = z.object({
  series: z.string(),
  commit: z.string(),
  seed: z.int(),
  at: z.string(),
  verdict: z.enum(['improved', 'unchanged', 'regressed', 'inconclusive']),
  rounds: z.int(),
  seconds: z.number(),
  metrics: z.array(
    z.object({
      metric: z.string(),
      ratio: z.number().nullable(),
      noiseFloor: z.number().nullable(),
      verdict: z.string().nullable(),
    }),
  ),
  bank: z.array(z.tuple([figures, figures, figures])),
});

/** What to keep of a gate's report. */
export function provedGate(
  report: ReportDocument,
  gate: Pick<ProvedGate, 'series' | 'commit' | 'seed' | 'seconds'>,
): ProvedGate {
  const judged = report.comparisons.filter(({ primary }) => primary);
  const bank = bankRounds(
    report.rounds,
    judged.map(({ metric }) => metric),
  );
  return {
    ...gate,
    at: report.run.startedAt,
    verdict: report.verdict,
    rounds: report.run.rounds,
    metrics: judged.map(({ metric, ratio, noiseFloor, verdict }) => ({
      metric,
      ratio,
      noiseFloor,
      verdict,
    })),
    bank: bank.map(([a, b, c]) => [rounded(a), rounded(b), rounded(c)]),
  };
}

/** Six digits are more than was measured. */
function rounded(one: BankedRound[number]): BankedRound[number] {
  return Object.fromEntries(
    Object.entries(one).map(([name, value]) => [name, Number(value.toPrecision(6))]),
  );
}

/** The gates of a commit in a file, in order; none if there is no file. Throws on a damaged line. */
export async function readProof(file: string, commit: string): Promise<readonly ProvedGate[]> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
  const lines = text.split('\n').filter((line) => line !== '');
  return lines
    .map((line, at): ProvedGate => {
      try {
        return gateSchema.parse(JSON.parse(line));
      } catch (cause) {
        throw new Error(`${file}: line ${at + 1} is no gate; remove it to go on`, { cause });
      }
    })
    .filter((gate) => gate.commit === commit);
}

/** Adds one, whole, at the end. */
export async function addToProof(file: string, gate: ProvedGate): Promise<void> {
  await appendFile(file, `${JSON.stringify(gate)}\n`);
}
