import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type RunningCommand, spawnCommand, untilReady } from './external-start.ts';
import { ProcessTree } from './process-tree.ts';

let tree: ProcessTree;
const servers: Server[] = [];

beforeEach(() => {
  tree = new ProcessTree(randomUUID());
  mkdirSync(tree.folder);
  writeFileSync(tree.lifeline, '');
});

afterEach(async () => {
  await tree.end();
  for (const server of servers.splice(0)) server.close();
});

/** Runs JavaScript as a command. */
const run = (script: string): Promise<RunningCommand> =>
  spawnCommand({
    program: process.execPath,
    args: ['-e', script],
    env: {},
    folder: tree.folder,
    tree,
  });

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  server.close();
  await once(server, 'close');
  return port;
}

const wait = (command: RunningCommand, port: number, path?: string, timeoutMs = 20_000) =>
  untilReady(command, tree, { port, path, timeoutMs, deadlineMs: performance.now() + timeoutMs });

const httpServer = (port: number, answer: string): string =>
  `require('node:http').createServer((q, s) => { ${answer} }).listen(${port}, '127.0.0.1')`;

describe('a command is ready', () => {
  test('once it accepts connections on its port', async () => {
    const port = await freePort();
    const later = `setTimeout(() => ${httpServer(port, 's.end()')}, 200)`;
    expect(await wait(await run(later), port)).toBe('ready');
  });

  test('with a path once it answers that by itself', async () => {
    const port = await freePort();
    const answer = "s.statusCode = q.url === '/health' && n++ > 2 ? 200 : 503; s.end();";
    const command = await run(`let n = 0; ${httpServer(port, answer)}`);
    expect(await wait(command, port, '/health')).toBe('ready');
  });

  test('never, if it does not answer its path', async () => {
    const port = await freePort();
    const command = await run(httpServer(port, 's.statusCode = 502; s.end();'));
    await expect(wait(command, port, '/health', 1000)).rejects.toThrow(
      'it listens, but did not answer GET /health by itself with a status below 500 within 1 s',
    );
  });
});

describe('a port that others hold is taken', () => {
  async function occupied(): Promise<number> {
    const server = createServer().listen(0, '127.0.0.1');
    servers.push(server);
    await once(server, 'listening');
    const address = server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  test('while the command waits', async () => {
    expect(await wait(await run('setInterval(() => {}, 1000)'), await occupied())).toBe('taken');
  });

  test('when the command fails for it', async () => {
    const port = await occupied();
    expect(await wait(await run(httpServer(port, 's.end()')), port)).toBe('taken');
  });
});

test('a program that cannot be run says why', async () => {
  const line = { args: [], env: {}, folder: tree.folder, tree };
  await expect(spawnCommand({ ...line, program: tree.lifeline })).rejects.toThrow(
    /cannot be run: .*EACCES/,
  );
});
