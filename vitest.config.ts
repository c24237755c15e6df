import { fileURLToPath } from 'node:url';
import { defineConfig, type ViteUserConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Kept from one run of the tests to the next; an entry is used only for the text that it was made of. */
export const COMPILED_CODE: string = fileURLToPath(
  new URL('node_modules/.cache/hopmark-tests', import.meta.url),
);

/** Files that run whole commands take minutes: begun first, they leave no CPU idle at the end. */
class CommandsFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const runsCommands = ({ moduleId }: TestSpecification): boolean =>
      moduleId.includes('/harness/cli/');
    return sorted.toSorted((a, b) => Number(runsCommands(b)) - Number(runsCommands(a)));
  }
}

const config: ViteUserConfig = defineConfig({
  test: {
    include: ['{impls,harness,server,scripts,examples,bin,docs}/**/*.test.ts'],
    // Two shared cores: real sockets and processes compete, so bounds are generous.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    pool: 'forks',
    maxWorkers: 2,
    sequence: { sequencer: CommandsFirst },
    // Most of what tests start is this project's own code again and again: it is compiled once.
    env: { NODE_COMPILE_CACHE: COMPILED_CODE },
    // Only with --coverage: `npm run coverage`.
    coverage: {
      provider: 'v8',
      include: ['impls/optimized/**/*.ts'],
      // Types alone, which no test can run.
      exclude: ['**/fixtures/**', '**/core.ts', '**/exchange-client.ts'],
      reporter: ['text-summary'],
      thresholds: { lines: 95, branches: 95 },
    },
  },
});

export default config;
