import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { SMOKE_SHAPE } from '../harness/measure/plan.ts';
import { measureCrossTalk } from './cross-talk.ts';
import { measureWrkAgreement } from './wrk-agreement.ts';

const hasWrk = spawnSync('wrk', ['--version']).error === undefined;

test.skipIf(!hasWrk && process.env.CI !== 'true')(
  'the loaded waves and wrk both measure the proxy (skipped without wrk: apt-get install wrk)',
  async () => {
    const result = await measureWrkAgreement({ pairs: 1, seconds: 1, seed: 1 });
    expect(result.wavesRequestsPerSecond).toHaveLength(1);
    for (const rate of [...result.wavesRequestsPerSecond, ...result.wrkRequestsPerSecond]) {
      expect(rate).toBeGreaterThan(0);
    }
    expect(result.ratio.ratio).toBeGreaterThan(0);
  },
);

test('the cross-talk benchmark measures with and without the allocating arm', async () => {
  const result = await measureCrossTalk({ pairs: 1, seed: 1, shape: SMOKE_SHAPE });
  for (const { ratio } of Object.values(result)) expect(ratio).toBeGreaterThan(0);
});
