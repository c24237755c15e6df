import { once } from 'node:events';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runCli, temporaryFolder } from './fixtures/run-cli.ts';

const folder = temporaryFolder();
let origin: Server;

beforeAll(async () => {
  origin = createServer((_request, response) => response.end('ok')).listen(0, '127.0.0.1');
  await once(origin, 'listening');
});
afterAll(() => {
  origin.close();
  folder.remove();
});

/** A policy file; the system chooses the port. */
function policyFile(name: string, more = ''): string {
  const path = join(folder.path, name);
  const { port } = origin.address() as AddressInfo;
  writeFileSync(path, `listen: {port: 0}\nupstream: http://127.0.0.1:${port}\n${more}`);
  return path;
}

/** What a test does with a server that serves; after it the server is told to end. */
type Act = (server: {
  readonly url: string;
  /** Sends the signal, and resolves when something that matches has been said after it. */
  readonly signal: (name: NodeJS.Signals, until: RegExp) => Promise<void>;
}) => Promise<void>;

async function whileServing(args: readonly string[], act: Act): ReturnType<typeof runCli> {
  let failure: unknown;
  const result = await runCli(['serve', ...args], {
    when: {
      printed: /serves (http:\/\/\S+) for/,
      act: (child, match) => {
        const signal = (name: NodeJS.Signals, until: RegExp): Promise<void> =>
          new Promise((done) => {
            let said = '';
            child.stderr?.on('data', (bytes: Buffer) => {
              said += bytes.toString();
              if (until.test(said)) done();
            });
            child.kill(name);
          });
        act({ url: match[1] ?? '', signal })
          .catch((error: unknown) => {
            failure = error;
          })
          .finally(() => child.kill('SIGTERM'));
      },
    },
  });
  if (failure !== undefined) throw failure;
  return result;
}

const targets = (text: string): readonly string[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line).target);

describe('serve', () => {
  test('forwards with several workers, logs whole lines, and ends in order', async () => {
    const file = policyFile('several.yaml', 'workers: 2\nlogging: {default: true}\n');
    const asked = Array.from({ length: 40 }, (_, index) => `/${index}?${'x'.repeat(1500)}`);
    const result = await whileServing([file], async ({ url }) => {
      const answers = await Promise.all(
        asked.map(async (target) => (await fetch(`${url}${target}`)).text()),
      );
      expect(new Set(answers)).toEqual(new Set(['ok']));
    });
    expect(result).toMatchObject({ exitCode: 0, leftBehind: [] });
    expect(result.stderr).toMatch(/with 2 workers \(pid \d+, \d+\)/);
    expect(result.stderr).toContain('ended; 40 requests, 0 dropped, 40 log lines');
    expect(targets(result.stdout).toSorted()).toEqual(asked.toSorted());
  });

  test('reads the policy and opens the log anew on SIGHUP, and keeps what is in force if it is wrong', async () => {
    const file = policyFile('reload.yaml', 'logging: {default: true}\n');
    const log = join(folder.path, 'access.log');
    const result = await whileServing([file, '--log', log, '--json'], async ({ url, signal }) => {
      await fetch(`${url}/before`);
      await expect
        .poll(() => existsSync(log) && targets(readFileSync(log, 'utf8')), { timeout: 30_000 })
        .toEqual(['/before']);
      renameSync(log, `${log}.1`);
      policyFile('reload.yaml', 'logging: {default: true}\ndrop: {default: true}\n');
      await signal('SIGHUP', /policy reloaded/);
      expect((await fetch(`${url}/dropped`)).status).toBe(403);
      policyFile('reload.yaml', 'drop: {default: maybe}\n');
      await signal('SIGHUP', /the policy in force stays: .*\n.*reload\.yaml:3:/s);
      policyFile('reload.yaml', 'workers: 3\n');
      await signal('SIGHUP', /workers cannot change in a reload/);
      expect((await fetch(`${url}/dropped-too`)).status).toBe(403);
    });
    expect(result).toMatchObject({ exitCode: 0, leftBehind: [] });
    expect(targets(readFileSync(`${log}.1`, 'utf8'))).toEqual(['/before']);
    expect(targets(readFileSync(log, 'utf8'))).toEqual(['/dropped', '/dropped-too']);
    expect(JSON.parse(result.stdout)).toMatchObject({
      schemaVersion: 1,
      server: { name: 'optimized', draining: true },
      connections: { destroyed: 0 },
      counters: { requests: 3, dropped: 2, log: { written: 3 } },
    });
  });

  test.each([
    ['a policy that is not there', ['missing.yaml'], 2, /missing\.yaml/],
    ['a number of workers that is none', ['x.yaml', '--workers', '0'], 2, /from 1 to 256/],
    ['an address that is none', ['x.yaml', '--listen', 'here'], 2, /127\.0\.0\.1:8080/],
    ['a document beside log lines', ['x.yaml', '--json'], 2, /--log/],
  ])('refuses %s', async (_, args, exitCode, said) => {
    const result = await runCli(['serve', ...args], { cwd: folder.path });
    expect(result).toMatchObject({ exitCode, stdout: '', leftBehind: [] });
    expect(result.stderr).toMatch(said);
  });

  test.each([
    ['an implementation that is not there', ['--impl', './none.ts'], 2, /there is no file/],
    ['certificates that are not there', ['--ca', 'none.pem'], 2, /--ca: /],
    [
      'an address of another machine',
      ['--listen', '192.0.2.1:80'],
      2,
      /no address of this machine/,
    ],
    ['a log in a folder that is not there', ['--log', 'none/access.log'], 4, /access\.log/],
  ])('says of %s what is wrong', async (_, args, exitCode, said) => {
    const result = await runCli(['serve', policyFile('right.yaml'), ...args], { cwd: folder.path });
    expect(result).toMatchObject({ exitCode, stdout: '', leftBehind: [] });
    expect(result.stderr).toMatch(said);
  });

  test('ends at once at the second signal, though a connection is open', async () => {
    const stuck = createServer(() => {}).listen(0, '127.0.0.1');
    await once(stuck, 'listening');
    const { port } = stuck.address() as AddressInfo;
    const file = join(folder.path, 'stuck.yaml');
    writeFileSync(file, `listen: {port: 0}\nupstream: http://127.0.0.1:${port}\n`);
    const received = once(stuck, 'request');
    const result = await whileServing([file], async ({ url, signal }) => {
      fetch(url).catch(() => {});
      await received;
      await signal('SIGINT', /may finish/);
    });
    stuck.close();
    expect(result).toMatchObject({ exitCode: 130, leftBehind: [] });
  });
});
