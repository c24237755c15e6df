import { defineConfig } from 'vitest/config';

/** The benchmarks' smoke mode: each runs for real, briefly, and no figure is judged. */
export default defineConfig({
  test: {
    include: ['benchmarks/**/*.test.ts'],
    testTimeout: 120_000,
    pool: 'forks',
    maxWorkers: 1,
  },
});
