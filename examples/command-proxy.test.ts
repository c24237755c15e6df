import { createServer, type Server } from 'node:http';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchSut } from '../harness/sut/launch.ts';
import { createPolicy } from '../impls/policy/load.ts';

let origin: Server;
let port = 0;

beforeAll(async () => {
  origin = createServer((request, response) => response.end(`asked for ${request.url}`));
  await new Promise<void>((resolve) => origin.listen(0, '127.0.0.1', resolve));
  const address = origin.address();
  port = typeof address === 'object' && address !== null ? address.port : 0;
});

afterAll(() => {
  origin.close();
});

test('the program of command-proxy.ts is started, forwards, says its version, and ends', async () => {
  const sut = await launchSut({
    spec: fileURLToPath(new URL('./command-proxy.ts', import.meta.url)),
    label: 'the example',
    upstream: { protocol: 'http:', host: '127.0.0.1', port },
    policy: createPolicy(),
    wantsVersion: true,
  });
  try {
    expect(sut).toMatchObject({ kind: 'command', name: 'node-server' });
    expect(`v${sut.version}`).toBe(process.version);
    const answer = await fetch(`http://127.0.0.1:${sut.port}/a?b`);
    expect(await answer.text()).toBe('asked for /a?b');
    expect(await sut.terminate()).toMatchObject({ exitCode: 0, killed: false });
  } finally {
    await sut.kill();
  }
});
