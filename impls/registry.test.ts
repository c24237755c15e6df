import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createPolicy } from './policy/load.ts';
import {
  BUILT_IN_NAMES,
  NAMES_BY_KIND,
  RegistryError,
  resolveAny,
  resolveImplementation,
} from './registry.ts';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'registry-'));
});

afterAll(() => rm(folder, { recursive: true }));

/** Writes a module and gives its path from the folder. */
async function module(name: string, source: string): Promise<string> {
  await writeFile(join(folder, name), source);
  return `./${name}`;
}

async function failure(spec: string): Promise<RegistryError> {
  try {
    await resolveImplementation(spec, { cwd: folder });
  } catch (error) {
    if (error instanceof RegistryError) return error;
    throw error;
  }
  throw new Error(`${spec} was resolved`);
}

const GOOD = `export default {
  contractVersion: 1, name: 'mine', capabilities: ['forwarding'],
  skips: [{ case: 'some-case', reason: 'a reason' }],
  create() { return {}; },
};`;

describe('a name', () => {
  test.each(BUILT_IN_NAMES)('of the built-in implementation %s gives that one', async (name) => {
    const resolved = await resolveAny(name);
    const found = resolved.kind === 'module' ? resolved.implementation : resolved.definition;
    expect(found.name).toBe(name);
  });

  test('that is built in has a kind', () => {
    expect(Object.values(NAMES_BY_KIND).flat()).toEqual(BUILT_IN_NAMES);
  });

  test('that is nearly one gets the nearest names and the way to give a path', async () => {
    const error = await failure('basline');
    expect(error.code).toBe('unknown-implementation');
    expect(error.message).toBe(
      "there is no implementation called 'basline'. Did you mean baseline?",
    );
    expect(error.remedy).toContain('./basline.ts');
  });

  test.each(['traefik', '', '__proto__', 'toString'])('%j is near none of them', async (name) => {
    const error = await failure(name);
    expect(error.code).toBe('unknown-implementation');
    expect(error.message).not.toContain('Did you mean');
    expect(error.remedy).toContain('baseline and optimized (of this repository)');
    expect(error.remedy).toContain('splice (a floor)');
  });
});

describe('a path', () => {
  test('gives the module, relative, absolute or as a URL', async () => {
    const path = await module('good.ts', `const typed: number = 1; void typed; ${GOOD}`);
    const absolute = join(folder, path);
    for (const spec of [path, 'good.ts', absolute, pathToFileURL(absolute).href]) {
      expect((await resolveImplementation(spec, { cwd: folder })).name).toBe('mine');
    }
  });

  test('to a CommonJS module gives what it exports', async () => {
    const compiled = `Object.defineProperty(exports, '__esModule', { value: true });
      exports.default = { contractVersion: 1, name: 'old', capabilities: [], create() {} };`;
    const spec = await module('compiled.cjs', compiled);
    expect((await resolveImplementation(spec, { cwd: folder })).name).toBe('old');
  });

  test.each(['./nothing.ts', './', 'file://host/x.ts'])('%s leads to no file', async (spec) => {
    expect((await failure(spec)).code).toBe('module-not-found');
  });

  test('to a link that leads nowhere leads to no file', async () => {
    await symlink('nowhere.ts', join(folder, 'link.ts'));
    expect((await failure('./link.ts')).code).toBe('module-not-found');
  });
});

describe('a module', () => {
  test('that throws while it is imported is named with what it threw', async () => {
    const error = await failure(
      await module('throws.ts', 'throw new Error("no port left\\nmore");'),
    );
    expect(error).toMatchObject({
      code: 'module-failed',
      message: './throws.ts threw while it was imported: no port left',
    });
    expect(error.cause).toBeInstanceOf(Error);
  });

  test('whose package is missing says which and how to get it', async () => {
    const missing = import.meta.resolve('./external/peer-package.ts');
    const source = `import { findPackage } from ${JSON.stringify(missing)};
      findPackage('@no-one/has-this', { also: ['nor-this'] });`;
    expect(await failure(await module('adapter.ts', source))).toMatchObject({
      code: 'package-missing',
      message: 'the package @no-one/has-this is not installed',
      remedy: expect.stringContaining('npm install @no-one/has-this nor-this in the project'),
    });
  });

  test('that throws no error is named with what it threw', async () => {
    const error = await failure(await module('odd.ts', 'throw "nothing much";'));
    expect(error.message).toContain('nothing much');
  });

  test('that imports what is not there says what', async () => {
    const error = await failure(await module('imports.ts', 'import "./absent.ts";'));
    expect(error.code).toBe('module-failed');
    expect(error.message).toMatch(/absent\.ts/);
  });

  test.each([
    ['nothing.mjs', '', 'it exports nothing'],
    ['named.ts', 'export const a = 1; export const b = 2;', 'it exports a, b and no default'],
    ['number.ts', 'export default 5;', 'its default export is 5'],
    ['null.ts', 'export default null;', 'its default export is null'],
    ['other.ts', 'export default { start() {}, stop() {} };', 'an object with start, stop'],
  ])('%s has no implementation and says what it exports', async (name, source, found) => {
    const error = await failure(await module(name, source));
    expect(error.code).toBe('no-implementation');
    expect(error.message).toContain(found);
    expect(error.remedy).toContain('(request, response) listener');
  });

  test('for another version of the contract is refused by that', async () => {
    const error = await failure(
      await module('v2.ts', GOOD.replace('contractVersion: 1', 'contractVersion: 2')),
    );
    expect(error.code).toBe('wrong-contract-version');
    expect(error.message).toContain('version 2');
  });

  test('has every wrong field named', async () => {
    const source = `export default { contractVersion: '1', name: 'a b', version: 2,
      capabilities: ['fast'], skips: [{ case: 'x' }], create: 3 };`;
    const error = await failure(await module('wrong.ts', source));
    expect(error.code).toBe('invalid-implementation');
    for (const field of ['contractVersion', 'name', 'version', 'capabilities', 'skips', 'create']) {
      expect(error.message).toContain(`${field}: expected `);
    }
  });

  test('with fields missing has them named', async () => {
    const error = await failure(await module('half.ts', 'export default { create() {} };'));
    expect(error.message).toContain('name: expected');
    expect(error.message).toContain('found nothing');
  });
});

describe('the definition of a program', () => {
  const DEFINITION = `export default {
    contractVersion: 1, name: 'mine', capabilities: ['forwarding'], command: './serve',
    args: ['--port', '{{port}}'], ready: { path: '/health', timeoutMs: 2000 },
    version: { args: ['--version'] }, env: { A: 'b' } };`;

  test('comes with the folder from which its relative paths start', async () => {
    const resolved = await resolveAny(await module('program.ts', DEFINITION), { cwd: folder });
    expect(resolved).toMatchObject({ kind: 'command', folder, definition: { command: './serve' } });
  });

  test('that is built in has no folder', async () => {
    const resolved = await resolveAny('nginx');
    expect(resolved).toMatchObject({
      kind: 'command',
      folder: null,
      definition: { name: 'nginx' },
    });
  });

  test('cannot be served by this process, and neither can a URL', async () => {
    expect((await failure(await module('no-handler.ts', DEFINITION))).code).toBe('not-in-process');
    expect((await failure('http://127.0.0.1:8080')).code).toBe('not-in-process');
  });

  test('has every wrong field named, and those that do not exist', async () => {
    const source = `export default { contractVersion: 1, name: 'a b', capabilities: [], command: '',
      args: 'x', env: { A: 1 }, configTemplate: 1, configName: '../x', version: { args: [1] },
      ready: { timeout: 5 }, install: 1, arguments: [] };`;
    const error = await failure(await module('wrong-program.ts', source));
    expect(error.code).toBe('invalid-implementation');
    const fields = ['name', 'command', 'args', 'env', 'configTemplate', 'configName', 'version'];
    for (const field of [...fields, 'ready', 'install']) {
      expect(error.message).toContain(`${field}: expected `);
    }
    expect(error.message).toContain('arguments: there is no such field');
  });

  test('for another version of the contract is refused by that', async () => {
    const source = DEFINITION.replace('contractVersion: 1', 'contractVersion: 2');
    expect((await failure(await module('program-v2.ts', source))).code).toBe(
      'wrong-contract-version',
    );
  });
});

describe('a module that this Node cannot read', () => {
  /** In a process of its own: here a module would be transformed on its way. */
  async function natively(spec: string): Promise<unknown> {
    const script = `
      import { resolveImplementation } from ${JSON.stringify(import.meta.resolve('./registry.ts'))};
      const error = await resolveImplementation(process.argv[1]).then(() => null, (e) => e);
      process.stdout.write(JSON.stringify({ ...error, message: error?.message }));`;
    const args = ['--input-type=module', '--eval', script, '--', spec];
    const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: folder });
    return JSON.parse(stdout);
  }

  test.each([
    ['enum.ts', 'enum A { X } export default A;', 'cannot be removed as types', 'enums'],
    ['bad.ts', 'const x: = 1;', 'cannot be loaded', 'node ./bad.ts'],
    ['bad.mjs', 'const x = ;', 'cannot be loaded', 'node ./bad.mjs'],
    ['wrong-name.mjs', 'import { nothing } from "node:fs";', "named 'nothing'", 'node ./wrong'],
    ['view.tsx', 'export default 1;', 'no files of this kind', '.mjs'],
    ['node_modules/inside.ts', 'export default 1;', 'below node_modules', 'JavaScript'],
  ])('because of its kind or syntax says why: %s', async (name, source, message, remedy) => {
    await mkdir(join(folder, 'node_modules'), { recursive: true });
    expect(await natively(await module(name, source))).toMatchObject({
      code: 'module-unreadable',
      message: expect.stringContaining(message),
      remedy: expect.stringContaining(remedy),
    });
  });

  test('loads nothing of the other implementations', async () => {
    const script = `
      import { registerHooks } from 'node:module';
      const seen = [];
      registerHooks({ load: (url, context, next) => { seen.push(url); return next(url, context); } });
      const { resolveImplementation } = await import(${JSON.stringify(import.meta.resolve('./registry.ts'))});
      await resolveImplementation(process.argv[1]);
      process.stdout.write(seen.join('\\n'));`;
    const spec = await module('alone.mjs', GOOD);
    const args = ['--input-type=module', '--eval', script, '--', spec];
    const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: folder });
    expect(stdout).toContain('alone.mjs');
    expect(stdout).not.toMatch(/baseline|optimized|undici/);
  });
});

describe('a listener factory', () => {
  const create = async (source: string): Promise<unknown> => {
    const spec = await module('my factory!.ts', source);
    // A module is imported once; each source needs an address of its own.
    const unique = `${Math.abs(hash(source))}.ts`;
    const implementation = await resolveImplementation(await module(unique, source), {
      cwd: folder,
    });
    expect((await resolveImplementation(spec, { cwd: folder })).name).toBe('my-factory-');
    return implementation.create({
      upstream: { protocol: 'http:', host: '127.0.0.1', port: 1 },
      policy: createPolicy(),
      log: { write: (_lines, done) => done(null) },
      clock: { nowMs: () => 0, monotonicMs: () => 0 },
    });
  };

  test.each([
    ['throws', 'export default () => { throw new Error("no agent"); };', 'threw: no agent'],
    ['gives back a number', 'export default () => 3;', 'gave back 3 and no listener'],
    ['is async', 'export default async () => { throw 1; };', 'gave back a promise'],
    ['is itself a listener', 'export default (q, s) => { s.end(); };', 'the factory threw'],
  ])('that %s is refused at create', async (_what, source, message) => {
    const attempt = create(source);
    await expect(attempt).rejects.toBeInstanceOf(RegistryError);
    await expect(attempt).rejects.toMatchObject({
      code: 'factory-failed',
      message: expect.stringContaining(message),
    });
  });
});

function hash(text: string): number {
  return [...text].reduce((sum, char) => (sum * 31 + char.charCodeAt(0)) | 0, 7);
}
