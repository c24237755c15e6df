import { defineConfig, type ViteUserConfig } from 'vitest/config';

/** The benchmarks' smoke mode: each runs for real, briefly, and no figure is judged. */
const config: ViteUserConfig = defineConfig({
  test: {
    include: ['benchmarks/**/*.test.ts'],
    testTimeout: 120_000,
    pool: 'forks',
    maxWorkers: 1,
  },
});

export default config;
