/** What `npm run gate` judges in this repository. */
import { defineConfig, type HopmarkConfig } from './harness/config.ts';

const config: HopmarkConfig = defineConfig({
  implementation: 'optimized',
  budget: '60s',
  // The sources run as they are: nothing has to be built, so npm's `prepare` script is left out.
  prepare: 'npm ci --ignore-scripts --no-audit --no-fund',
});

export default config;
