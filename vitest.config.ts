import { defineConfig, type ViteUserConfig } from 'vitest/config';

const config: ViteUserConfig = defineConfig({
  test: {
    include: ['{impls,harness,scripts,examples,bin,docs}/**/*.test.ts'],
    // Two shared cores: real sockets and processes compete, so bounds are generous.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    pool: 'forks',
    maxWorkers: 2,
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
