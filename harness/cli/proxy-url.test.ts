import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fixture, runCli, temporaryFolder } from './fixtures/run-cli.ts';

const folder = temporaryFolder();
let proxy: ChildProcess;
let proxyPort = 0;
let originPort = 0;
/** Free as well, and no origin of the proxy. */
let elsewhere = 0;

beforeAll(async () => {
  [proxyPort, originPort, elsewhere] = [await freePort(), await freePort(), await freePort()];
  proxy = spawn(
    process.execPath,
    [
      ...['--disable-warning=ExperimentalWarning', fixture('command-server.ts')],
      ...['none', String(proxyPort), String(originPort)],
    ],
    { stdio: 'ignore' },
  );
  while (!(await accepts(proxyPort))) await setTimeout(20);
});

afterAll(async () => {
  proxy.kill('SIGKILL');
  await once(proxy, 'exit');
  folder.remove();
});

const url = (): string => `http://127.0.0.1:${proxyPort}`;
const compareTo = (...args: readonly string[]) =>
  runCli(['compare', ...args, '--smoke', '--reports', join(folder.path, 'reports')]);

describe('a proxy behind a URL', () => {
  test.each([
    ['reference', () => [url(), 'optimized'], /and its twin too/],
    ['candidate', () => ['optimized', url()], /served all rounds: /],
  ])('is measured as the %s, and stays as it was', async (role, arms, warning) => {
    const result = await compareTo(...arms(), '--origin', String(originPort), '--json');
    expect(result).toMatchObject({ exitCode: 3, leftBehind: [] });
    const { arms: reported, validity } = JSON.parse(result.stdout);
    const arm = reported.find((one: { role: string }) => one.role === role);
    expect(arm).toMatchObject({ kind: 'url', name: url(), version: null, tier: 'forwarding' });
    const metric = (name: string) =>
      arm.metrics.find((one: { metric: string }) => one.metric === name);
    expect(metric('hop-p50').value).toBeGreaterThan(0);
    for (const name of ['cpu-per-request', 'allocated-per-request', 'memory-rss']) {
      expect(metric(name)).toMatchObject({ value: null, reason: expect.stringContaining('URL') });
    }
    expect(validity.warnings).toContainEqual({
      code: 'same-process',
      message: expect.stringMatching(warning),
    });
    expect(await accepts(proxyPort)).toBe(true);
  });

  test('is held against conformance as far as it can be tried', async () => {
    const result = await runCli(['conform', url(), '--origin', `127.0.0.1:${originPort}`]);
    expect(result.exitCode).toBe(0);
    expect(result.stdout).toMatch(/\d+ passed, 0 failed, 1 skipped/);
    expect(result.stdout).toContain('its upstream is not ours to change');
  });

  test('stands in a matrix beside others, with what could not be tried on it', async () => {
    const ids = ['body-of-one-byte', 'upstream-refuses-connections'];
    const args = [url(), 'undici', '--case', ...ids, '--origin', String(originPort)];
    const result = await runCli(['conform', ...args, '--json', '--quiet']);
    expect(JSON.parse(result.stdout).implementations).toMatchObject([
      {
        cases: [{ id: 'body-of-one-byte', status: 'passed' }],
        untried: [
          { id: 'upstream-refuses-connections', reason: 'its upstream is not ours to change' },
        ],
      },
      { cases: [{ status: 'passed' }, { status: 'passed' }], untried: [] },
    ]);
    expect(result.exitCode).toBe(0);
    expect(await accepts(proxyPort)).toBe(true);
  });

  test('is held to no case that the run leaves out, and the report says so', async () => {
    const result = await compareTo(
      ...[url(), url(), '--origin', String(originPort), '--json'],
      ...['--skip', 'connection-names-are-removed'],
    );
    expect(result.exitCode).toBe(3);
    const [, reference] = JSON.parse(result.stdout).arms;
    expect(reference.conformance.skipped).toContainEqual({
      case: 'connection-names-are-removed',
      reason: 'left out of this run by --skip',
    });
  });
});

describe('a URL that cannot be measured gets one clear message and its exit code', () => {
  test.each([
    ['without --origin', 2, () => [url()], /needs --origin: where it forwards to\n.*9000/],
    [
      'of another machine',
      2,
      () => ['http://192.0.2.1:8080', '--origin', '9000'],
      /not on this machine/,
    ],
    ['over TLS', 2, () => ['https://127.0.0.1:8443', '--origin', '9000'], /TLS/],
    ['with a path', 2, () => ['http://127.0.0.1:8080/api', '--origin', '9000'], /not the URL of/],
    [
      'whose origin is on another machine',
      2,
      () => [url(), '--origin', '192.0.2.1:9000'],
      /192\.0\.2\.1:9000 is not on this machine/,
    ],
    ['that is its own origin', 2, () => [url(), '--origin', String(proxyPort)], /its own origin/],
    [
      'that forwards elsewhere',
      2,
      () => [url(), '--origin', String(elsewhere)],
      /did not arrive at 127\.0\.0\.1:\d+\n--origin has to be/,
    ],
    [
      'at which nothing listens',
      4,
      () => [`http://127.0.0.1:${originPort}`, '--origin', '1'],
      /nothing can be reached at http.*ECONNREFUSED/,
    ],
  ])('%s', async (_, exitCode, args, message) => {
    const result = await compareTo(...args(), 'optimized', '--quiet');
    expect(result.stderr).toMatch(message);
    expect(result.stderr.trim().split('\n').length).toBeLessThanOrEqual(3);
    expect(result).toMatchObject({ exitCode, stdout: '', leftBehind: [] });
  });

  test('whose origin is still running', async () => {
    const own: Server = createServer((_, response) => response.end());
    own.listen(originPort, '127.0.0.1');
    await once(own, 'listening');
    const result = await compareTo(url(), 'optimized', '--origin', String(originPort), '--quiet');
    own.close();
    expect(result.stderr).toMatch(/cannot listen on 127\.0\.0\.1:\d+: .*EADDRINUSE.*\nStop what/);
    expect(result.exitCode).toBe(2);
  });

  test('when a case is left out that nobody may leave out', async () => {
    const result = await compareTo(
      ...[url(), 'optimized', '--origin', String(originPort)],
      ...['--skip', 'get-without-body', '--quiet'],
    );
    expect(result.stderr).toContain("the case 'get-without-body', which cannot be skipped");
    expect(result.exitCode).toBe(2);
  });
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
