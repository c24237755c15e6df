/**
 * A process in which the operations of one implementation run, as the harness holds it.
 */
import { z } from 'zod';
import type { ComponentSetting } from '../model/component.ts';
import { HopmarkError } from '../model/error.ts';
import type { ComponentQuestion, ComponentRequest } from './component-protocol.ts';
import { entryPath } from './entry-path.ts';
import { Child } from './process.ts';

/** A running one. A case has to be prepared before anything else is asked of it. */
export interface ComponentProcess {
  readonly label: string;
  readonly pid: number;
  /** Makes a case ready; the digest is the same for implementations that answer alike. */
  prepare(scenario: string, caseName: string): Promise<string>;
  warmUp(caseName: string, ms: number): Promise<void>;
  /** The mean time of an operation over at least so much time. */
  batch(caseName: string, ms: number): Promise<Batch>;
  allocations(caseName: string, runs: number): Promise<Allocation>;
  /** Ends it at once: it holds nothing. */
  kill(): Promise<void>;
}

const READY_TIMEOUT_MS = 20_000;
/**
 * Has Node keep what it makes of the sources (types stripped, code parsed) in its cache folder, so
 * that the hundreds of processes of a run start sooner. A data URL, since a file of ours would have
 * its types stripped first. What the compiler makes of running code is not kept: every process warms
 * up by itself.
 */
const COMPILE_CACHE =
  'data:text/javascript,import { enableCompileCache } from "node:module"; enableCompileCache();';

interface Batch {
  readonly timeUs: number;
  readonly operations: number;
}

interface Allocation {
  readonly bytes: number;
  readonly operations: number;
}

/** What crosses the channel comes from a process that runs code which is not ours. */
const digestAnswer = z.string().min(1);
const doneAnswer = z.number();
const batchAnswer: z.ZodType<Batch> = z.object({
  timeUs: z.number().positive(),
  operations: z.int().positive(),
});
const allocationAnswer: z.ZodType<Allocation> = z.object({
  bytes: z.number(),
  operations: z.int().positive(),
});

/** Questions without the number that the channel gives them. */
type Unnumbered<One> = One extends ComponentQuestion ? Omit<One, 'id'> : never;

/** Starts one. Throws a HopmarkError that says why not; nothing is left running then. */
export async function startComponentProcess(
  spec: string,
  label: string,
  setting: ComponentSetting,
  signal: AbortSignal,
): Promise<ComponentProcess> {
  const start: ComponentRequest = { type: 'start', spec, setting };
  const { child } = await Child.start({
    label,
    side: 'sut',
    entry: entryPath('component-entry', import.meta.url),
    execArgv: ['--disable-warning=ExperimentalWarning', '--import', COMPILE_CACHE],
    start,
    readyTimeoutMs: READY_TIMEOUT_MS,
    signal,
  });
  const ask = async <Answer>(
    schema: z.ZodType<Answer>,
    question: Unnumbered<ComponentQuestion>,
  ): Promise<Answer> => {
    const result = schema.safeParse(await child.ask(question));
    if (result.success) return result.data;
    const message = `${label}: "${question.type}" gave what cannot be used: ${result.error.message}`;
    throw new HopmarkError('sut', 'wrong-shape', message);
  };
  return {
    label,
    pid: child.pid,
    prepare: (scenario, caseName) =>
      ask(digestAnswer, { type: 'prepare', scenario, case: caseName }),
    warmUp: async (caseName, ms) => {
      await ask(doneAnswer, { type: 'warm-up', case: caseName, ms });
    },
    batch: (caseName, ms) => ask(batchAnswer, { type: 'batch', case: caseName, ms }),
    allocations: (caseName, runs) =>
      ask(allocationAnswer, { type: 'allocations', case: caseName, runs }),
    kill: async () => {
      await child.kill();
    },
  };
}
