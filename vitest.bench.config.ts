import { defineConfig, type ViteUserConfig } from 'vitest/config';
import { COMPILED_CODE } from './vitest.config.ts';

/** The benchmarks' smoke mode: each runs for real, briefly, and no figure is judged. */
const config: ViteUserConfig = defineConfig({
  test: {
    include: ['benchmarks/**/*.test.ts'],
    testTimeout: 120_000,
    pool: 'forks',
    maxWorkers: 1,
    env: { NODE_COMPILE_CACHE: COMPILED_CODE },
  },
});

export default config;
