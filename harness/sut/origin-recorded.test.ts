import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createPolicy } from '../../impls/policy/load.ts';
import { OpenLoopClient } from '../drivers/open-loop.ts';
import { WaveClient } from '../drivers/waves.ts';
import type { RecordedScenario } from '../model/scenario.ts';
import { prepareTraffic } from '../scenarios/traffic.ts';
import { launchSut } from './launch.ts';
import { type OriginProcess, startOriginProcess } from './origin-process.ts';

/** One target answered in three ways, and a body too large to be copied. */
const scenario: RecordedScenario = {
  kind: 'recorded',
  name: 'several-answers',
  title: 'one target, several answers',
  description: 'Made up.',
  source: { text: 'Made up.', licence: 'MIT' },
  host: 'www.example.com',
  exchanges: [
    [200, 100] as const,
    [304, 0] as const,
    [200, 200_000] as const,
    [404, 7] as const,
  ].map(([status, bodyBytes]) => ({
    method: 'GET',
    target: '/page?a=1',
    fields: [],
    bodyBytes: 0,
    answer: { status, fields: [], bodyBytes },
  })),
  order: [2, 0, 1, 1, 3, 0],
};

let origin: OriginProcess;
beforeAll(async () => {
  origin = await startOriginProcess(scenario, 3);
});
afterAll(() => origin.stop());

const traffic = prepareTraffic(scenario, 3);

test('a recording is answered as it was, directly, however many ask at once', async () => {
  const client = new WaveClient({ ...origin, label: 'the origin', side: 'origin' }, traffic);
  await client.loaded(0, 8, 120);
  client.close();
  expect(await origin.counters()).toMatchObject({ unknown: 0, malformed: 0, wrongBody: 0 });
});

test.each(['baseline', 'optimized'])('and through %s', async (spec) => {
  const sut = await launchSut({
    spec,
    label: spec,
    upstream: { protocol: 'http:', host: origin.host, port: origin.port },
    policy: createPolicy({ upstream: 'http://127.0.0.1:9' }),
  });
  const client = new OpenLoopClient(sut, traffic);
  try {
    await client.ensureOpen(8);
    const schedule = Float64Array.from({ length: 120 }, (_, at) => at);
    const run = await client.run({ schedule, position: 0 });
    expect(run).toMatchObject({ answered: 120, failures: {}, unanswered: 0 });
  } finally {
    client.close();
    await sut.kill();
  }
});

test('a request that names an answer that is not there is unknown', async () => {
  const before = (await origin.counters()).unknown;
  const socket = connect({ host: origin.host, port: origin.port });
  socket.write('GET /page?a=1 HTTP/1.1\r\nx-recorded-ANSWER: 9\r\nConnection: close\r\n\r\n');
  const [chunk] = (await once(socket, 'data')) as [Buffer];
  expect(chunk.toString('latin1')).toMatch(/^HTTP\/1\.1 404 .*X-Origin-Error: unknown-target/s);
  socket.destroy();
  expect((await origin.counters()).unknown).toBe(before + 1);
});
