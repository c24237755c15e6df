import { defineConfig, type ViteUserConfig } from 'vitest/config';

const config: ViteUserConfig = defineConfig({
  test: {
    include: ['{impls,harness,scripts,examples,bin,docs}/**/*.test.ts'],
    // Two shared cores: real sockets and processes compete, so bounds are generous.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    pool: 'forks',
    maxWorkers: 2,
  },
});

export default config;
