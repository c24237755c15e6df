/**
 * Every built-in scenario, sent in short waves through a proxy to its origin: each request is answered
 * as it should be, and the origin saw each as it was sent.
 */
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test } from 'vitest';
import { loadPolicyFile } from '../../impls/policy/load.ts';
import { WaveClient } from '../drivers/waves.ts';
import type { Scenario } from '../model/scenario.ts';
import { withExtraRules } from '../scenarios/extra-rules.ts';
import { SCENARIOS } from '../scenarios/scenarios.ts';
import { prepareTraffic } from '../scenarios/traffic.ts';
import { WEBSOCKET_ECHO } from '../scenarios/websocket-echo.ts';
import { launchSut, type SystemUnderTest } from '../sut/launch.ts';
import { type OriginProcess, startOriginProcess } from '../sut/origin-process.ts';

const policy = await loadPolicyFile(
  fileURLToPath(new URL('../../examples/policy.yaml', import.meta.url)),
);
const SEED = 7;

let origin: OriginProcess | undefined;
let sut: SystemUnderTest | undefined;
afterEach(async () => {
  await Promise.all([sut?.kill(), origin?.stop()]);
  sut = undefined;
  origin = undefined;
});

async function send(
  spec: string,
  scenario: Scenario,
): Promise<{ client: WaveClient; requests: number }> {
  const { conditions } = scenario;
  origin = await startOriginProcess(scenario, SEED);
  sut = await launchSut({
    spec,
    label: spec,
    upstream: { protocol: 'http:', host: origin.host, port: origin.port },
    policy: withExtraRules(policy, conditions?.extraRules ?? 0),
    ...(conditions?.reloadEveryMs === undefined ? {} : { reloadEveryMs: 10 }),
  });
  const client = new WaveClient(sut, prepareTraffic(scenario, SEED));
  try {
    await client.sequential(0, 4, new Float64Array(4), 0);
    await client.loaded(4, 4, 64);
  } finally {
    client.close();
  }
  const { requests, unknown, malformed, wrongBody } = await origin.counters();
  expect({ unknown, malformed, wrongBody }).toEqual({ unknown: 0, malformed: 0, wrongBody: 0 });
  return { client, requests };
}

test.each([...SCENARIOS.values()])('optimized answers $name', async (scenario) => {
  const { client, requests } = await send('optimized', scenario);
  expect(client.answered).toBe(68);
  expect(requests).toBe(68);
});

test('baseline echoes messages too', async () => {
  const { client } = await send('baseline', WEBSOCKET_ECHO);
  expect(client.answered).toBe(68);
});

test('what has no policy of ours cannot be measured while it is reloaded', async () => {
  const upstream = { protocol: 'http:', host: '127.0.0.1', port: 9 } as const;
  const options = { label: 'x', upstream, policy, reloadEveryMs: 100 };
  const refusal = { side: 'user', code: 'scenario-unfit' };
  await expect(launchSut({ ...options, spec: 'nginx' })).rejects.toMatchObject(refusal);
  await expect(launchSut({ ...options, spec: 'http://127.0.0.1:1/' })).rejects.toMatchObject(
    refusal,
  );
});
