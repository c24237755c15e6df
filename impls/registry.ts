/**
 * From what a user names to an implementation: a built-in name, or the path of a module whose
 * default export is a `ProxyImplementation`, a factory of a plain Node listener, which is wrapped, or
 * the definition of a program (`ExternalImplementation`). Modules are imported when they are asked
 * for, so that a process that runs one implementation loads one. It starts nothing: `create`, and
 * starting a program, are the caller's.
 */
import { existsSync, statSync } from 'node:fs';
import { basename, dirname, extname, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { ExternalImplementation, ListenerFactory, ProxyImplementation } from './contract.ts';
import { CONTRACT_VERSION } from './contract.ts';
import { MissingPackage } from './external/missing-package.ts';
import {
  checkExternal,
  checkImplementation,
  describe,
  isMeantAsExternal,
  isMeantAsImplementation,
  otherContractVersion,
} from './registry-check.ts';
import { RegistryError } from './registry-error.ts';
import { wrapListener } from './registry-listener.ts';
import { describeKinds, nearestNames } from './registry-names.ts';
import { withParts } from './registry-parts.ts';

export { RegistryError, type RegistryErrorCode } from './registry-error.ts';

const BUILT_IN: Readonly<Record<string, () => Promise<{ readonly default: unknown }>>> = {
  baseline: () => import('./baseline/index.ts'),
  optimized: () => import('./optimized/index.ts'),
  nginx: () => import('./external/nginx.ts'),
  haproxy: () => import('./external/haproxy.ts'),
  caddy: () => import('./external/caddy.ts'),
  envoy: () => import('./external/envoy.ts'),
  'http-proxy': () => import('./external/http-proxy.ts'),
  'http-proxy-3': () => import('./external/http-proxy-3.ts'),
  httpxy: () => import('./external/httpxy.ts'),
  'fast-proxy': () => import('./external/fast-proxy.ts'),
  'fastify-http-proxy': () => import('./external/fastify-http-proxy.ts'),
  undici: () => import('./external/undici.ts'),
  splice: () => import('./external/splice.ts'),
};

/** The names that need no path, in the order in which help texts show them. */
export const BUILT_IN_NAMES: readonly string[] = Object.keys(BUILT_IN);

/** The same names by what is behind them. */
export const NAMES_BY_KIND: Readonly<Record<string, readonly string[]>> = {
  'of this repository': ['baseline', 'optimized'],
  'programs, where installed': ['nginx', 'haproxy', 'caddy', 'envoy'],
  'from npm': [
    'http-proxy',
    'http-proxy-3',
    'httpxy',
    'fast-proxy',
    'fastify-http-proxy',
    'undici',
  ],
  'a floor': ['splice'],
};

/** What a name leads to. */
export type Resolved =
  /** An implementation that any process can serve. */
  | { readonly kind: 'module'; readonly implementation: ProxyImplementation }
  /** A program; `folder` is that of the module that defines it, null for a built-in one. */
  | {
      readonly kind: 'command';
      readonly definition: ExternalImplementation;
      readonly folder: string | null;
    };

/**
 * What `spec` names: one of {@link BUILT_IN_NAMES}, which may be followed by a choice of its parts
 * (`registry-parts.ts`), or a path (relative to `cwd`, absolute, or a `file:` URL).
 *
 * @throws RegistryError if there is none; see its codes.
 */
export async function resolveAny(
  spec: string,
  options: { readonly cwd?: string } = {},
): Promise<Resolved> {
  const [name = '', choice] = spec.split(/\?(.*)/s, 2);
  const builtIn = Object.hasOwn(BUILT_IN, name) ? BUILT_IN[name] : undefined;
  if (builtIn !== undefined) {
    return partsOf(toResolved(await importModule(name, builtIn), name, null), name, choice);
  }
  if (!isPath(spec)) throw unknownName(name);
  if (/^https?:/i.test(spec)) throw notInProcess(spec, 'a URL');
  const path = toPath(spec, options.cwd ?? process.cwd());
  if (!existsSync(path) || !statSync(path).isFile()) {
    throw new RegistryError(
      'module-not-found',
      `there is no file ${path}`,
      'Give the path of a module, its extension included; relative paths start at the current folder.',
    );
  }
  return toResolved(await importModule(spec, () => import(pathToFileURL(path).href)), spec, path);
}

/**
 * The implementation that `spec` names, to be served by this process: as {@link resolveAny}, but
 * that a program is refused.
 *
 * @throws RegistryError if there is none; see its codes.
 */
export async function resolveImplementation(
  spec: string,
  options: { readonly cwd?: string } = {},
): Promise<ProxyImplementation> {
  const resolved = await resolveAny(spec, options);
  if (resolved.kind === 'module') return resolved.implementation;
  throw notInProcess(spec, 'a program of its own');
}

/** What a name leads to, with the parts that are chosen behind it. */
function partsOf(resolved: Resolved, name: string, choice: string | undefined): Resolved {
  if (choice === undefined) return resolved;
  if (resolved.kind === 'module') {
    return { ...resolved, implementation: withParts(resolved.implementation, choice) };
  }
  throw new RegistryError(
    'unknown-part',
    `${name} is a program of its own, and has no parts that can be left out`,
    `Name it without ?${choice}.`,
  );
}

function notInProcess(spec: string, what: string): RegistryError {
  return new RegistryError(
    'not-in-process',
    `${spec} is ${what}, which no other process can serve`,
    'Name a module, or one of ours: it can be compared and held against conformance all the same.',
  );
}

const EXTENSIONS: ReadonlySet<string> = new Set(['.ts', '.mts', '.cts', '.js', '.mjs', '.cjs']);

/** A name has neither a separator nor the extension of a module. */
function isPath(spec: string): boolean {
  return spec.includes('/') || spec.startsWith('file:') || EXTENSIONS.has(extname(spec));
}

function toPath(spec: string, cwd: string): string {
  if (!spec.startsWith('file:')) return resolve(cwd, spec);
  try {
    return fileURLToPath(spec);
  } catch (cause) {
    throw new RegistryError(
      'module-not-found',
      `${spec} is not the URL of a local file`,
      'Write it as file:///absolute/path/to/module.ts, or give the plain path.',
      cause,
    );
  }
}

function unknownName(spec: string): RegistryError {
  const nearest = nearestNames(spec, BUILT_IN_NAMES);
  const meant = nearest.length === 0 ? '' : ` Did you mean ${nearest.join(' or ')}?`;
  return new RegistryError(
    'unknown-implementation',
    `there is no implementation called '${spec}'.${meant}`,
    `Built in are ${describeKinds(NAMES_BY_KIND)}. For a module of your own give its path, such as ./${spec === '' ? 'my-proxy' : spec.replaceAll(/[^\w.-]/g, '-')}.ts.`,
  );
}

async function importModule(
  spec: string,
  load: () => Promise<unknown>,
): Promise<Readonly<Record<string, unknown>>> {
  try {
    // A module's namespace is an object with string keys.
    return (await load()) as Readonly<Record<string, unknown>>;
  } catch (cause) {
    throw importFailure(spec, cause);
  }
}

function importFailure(spec: string, cause: unknown): RegistryError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  if (cause instanceof MissingPackage) {
    return new RegistryError('package-missing', reason, cause.remedy, cause);
  }
  const isTypeScript = /^\.[mc]?ts$/.test(extname(spec));
  if (code === 'ERR_UNKNOWN_FILE_EXTENSION' && !isTypeScript) {
    return new RegistryError(
      'module-unreadable',
      `Node imports no files of this kind: ${spec}`,
      `A module ends in ${[...EXTENSIONS].join(', ')}.`,
      cause,
    );
  }
  if (code === 'ERR_UNKNOWN_FILE_EXTENSION' || code === 'ERR_NO_TYPESCRIPT') {
    return new RegistryError(
      'module-unreadable',
      `this Node (${process.version}) cannot run TypeScript: ${spec}`,
      'Use Node 22.19 or later, or compile the module to JavaScript first.',
      cause,
    );
  }
  if (code === 'ERR_UNSUPPORTED_NODE_MODULES_TYPE_STRIPPING') {
    return new RegistryError(
      'module-unreadable',
      `Node runs no TypeScript below node_modules: ${spec}`,
      'Give the JavaScript that the package was compiled to, or a copy outside of node_modules.',
      cause,
    );
  }
  if (code === 'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX') {
    return new RegistryError(
      'module-unreadable',
      `${spec} uses TypeScript that cannot be removed as types: ${firstLine(reason)}`,
      'Write enums, namespaces and parameter properties as plain JavaScript (erasableSyntaxOnly finds them), or compile the module first.',
      cause,
    );
  }
  if (code === 'ERR_INVALID_TYPESCRIPT_SYNTAX' || cause instanceof SyntaxError) {
    return new RegistryError(
      'module-unreadable',
      `${spec}, or a module that it imports, cannot be loaded: ${firstLine(reason)}`,
      `Run node on it to see the place: node ${spec}`,
      cause,
    );
  }
  if (code === 'ERR_MODULE_NOT_FOUND') {
    return new RegistryError(
      'module-failed',
      `${spec} imports a module that is not there: ${firstLine(reason)}`,
      'Install what is missing; imports of TypeScript files carry their extension (./x.ts).',
      cause,
    );
  }
  return new RegistryError(
    'module-failed',
    `${spec} threw while it was imported: ${firstLine(reason)}`,
    `Run node on it to see where: node ${spec}`,
    cause,
  );
}

function firstLine(text: string): string {
  return text.trim().split('\n', 1)[0] ?? '';
}

function toResolved(
  loaded: Readonly<Record<string, unknown>>,
  spec: string,
  path: string | null,
): Resolved {
  const exported = defaultExport(loaded);
  if (typeof exported === 'function') {
    // What it gives back is checked when it is called.
    const factory = exported as ListenerFactory;
    return { kind: 'module', implementation: wrapListener(factory, listenerName(path ?? spec)) };
  }
  const external = isMeantAsExternal(exported);
  if (!external && !isMeantAsImplementation(exported))
    throw noImplementation(spec, loaded, exported);
  const version = otherContractVersion(exported);
  if (version !== null) {
    throw new RegistryError(
      'wrong-contract-version',
      `${spec} was written for version ${version} of the contract; this is version ${CONTRACT_VERSION}`,
      `Adapt it to impls/contract.ts, then set contractVersion to ${CONTRACT_VERSION}.`,
    );
  }
  if (external) {
    const checked = checkExternal(exported);
    if ('problems' in checked) throw invalid(spec, 'ExternalImplementation', checked.problems);
    const folder = path === null ? null : dirname(path);
    return { kind: 'command', definition: checked.definition, folder };
  }
  const checked = checkImplementation(exported);
  if ('problems' in checked) throw invalid(spec, 'ProxyImplementation', checked.problems);
  return { kind: 'module', implementation: checked.implementation };
}

function invalid(spec: string, type: string, problems: readonly string[]): RegistryError {
  return new RegistryError(
    'invalid-implementation',
    `the default export of ${spec} is not ${/^[AEIOU]/.test(type) ? 'an' : 'a'} ${type}: ${problems.join('; ')}`,
    'impls/contract.ts says what each field is.',
  );
}

/** The default export; that of a CommonJS module compiled from ESM is one level down. */
function defaultExport(loaded: Readonly<Record<string, unknown>>): unknown {
  const exported = loaded.default;
  const nested =
    typeof exported === 'object' && exported !== null && '__esModule' in exported
      ? Reflect.get(exported, 'default')
      : undefined;
  return nested ?? exported;
}

function noImplementation(
  spec: string,
  loaded: Readonly<Record<string, unknown>>,
  exported: unknown,
): RegistryError {
  const names = Object.keys(loaded).filter((name) => name !== 'module.exports');
  const found =
    exported === undefined
      ? names.length === 0
        ? 'it exports nothing'
        : `it exports ${names.join(', ')} and no default`
      : `its default export is ${describe(exported)}`;
  return new RegistryError(
    'no-implementation',
    `${spec} is no implementation: ${found}`,
    'Export by default a ProxyImplementation (impls/contract.ts), a function that takes {upstream} and gives back a (request, response) listener, or an ExternalImplementation.',
  );
}

/** The file's name without its extension, as a name that tables can show. */
function listenerName(path: string): string {
  const stem = basename(path, extname(path)).replaceAll(/[^\w.-]+/g, '-');
  return stem.slice(0, 40) || 'listener';
}
