import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { get } from 'node:http';
import { afterEach, expect, test } from 'vitest';
import { FIXED_1KB } from '../scenarios/fixed-scenarios.ts';
import { prepareTraffic } from '../scenarios/traffic.ts';

const ENTRY = new URL('./origin-entry.ts', import.meta.url).pathname;
const started: ChildProcess[] = [];

afterEach(() => {
  for (const child of started) child.kill('SIGKILL');
});

test('a started origin prepares the same answers as the harness, counts, and stops when told', async () => {
  const child = launch();
  child.send({ type: 'start', scenario: FIXED_1KB, seed: 5 });
  const ready = await reply(child);
  expect(ready).toEqual({ type: 'ready', port: expect.any(Number) });

  const expected = prepareTraffic(FIXED_1KB, 5).exchanges[0]?.answer.body;
  const body = await fetchBody(Reflect.get(Object(ready), 'port'), FIXED_1KB.request.target);
  expect(expected?.equals(body)).toBe(true);

  child.send({ type: 'counters', id: 7 });
  expect(await reply(child)).toEqual({
    type: 'answer',
    id: 7,
    value: { requests: 1, unknown: 0, malformed: 0, wrongBody: 0, connections: 1 },
  });
  child.send({ type: 'stop' });
  expect(await once(child, 'exit')).toEqual([0, null]);
});

test('an origin whose parent has gone ends by itself', async () => {
  const child = launch();
  child.send({ type: 'start', scenario: FIXED_1KB, seed: 5 });
  await reply(child);
  child.disconnect();
  expect(await once(child, 'exit')).toEqual([0, null]);
});

test('an origin that is sent nonsense says so and exits 1', async () => {
  const child = launch();
  const exit = once(child, 'exit');
  child.send({ type: 'start', scenario: { kind: 'fixed' }, seed: 5 });
  expect(await reply(child)).toMatchObject({ type: 'failed' });
  expect(await exit).toEqual([1, null]);
});

function launch(): ChildProcess {
  const child = fork(ENTRY, [], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  started.push(child);
  return child;
}

async function reply(child: ChildProcess): Promise<unknown> {
  const [message] = await once(child, 'message');
  return message;
}

async function fetchBody(port: number, path: string): Promise<Buffer> {
  const [response] = await once(get({ port, path, host: '127.0.0.1', agent: false }), 'response');
  const parts: Buffer[] = [];
  for await (const part of response) parts.push(part);
  return Buffer.concat(parts);
}
