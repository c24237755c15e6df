/**
 * Finds and loads a package from npm that Hopmark has an adapter for and does not bring along: that
 * of the working folder's project first, so that users measure the version they run, then that of
 * the place where Hopmark is installed. It checks no versions; they are printed in every report.
 */
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { z } from 'zod';
import { MissingPackage } from './missing-package.ts';

/** A package that was found. */
export interface PeerPackage {
  readonly name: string;
  /** As its package.json says. */
  readonly version: string;
  /** Its folder. */
  readonly folder: string;
  /**
   * Imports its entry point and gives the function that it exports by this name.
   *
   * @throws Error if it exports none: it is of a version that the adapter was not written for.
   */
  load<F extends (...values: never[]) => unknown>(exported: string): Promise<F>;
}

/**
 * The package as a module in `from` (a folder) would find it; without `from` as the working folder's
 * project does, or else as Hopmark does. `also` are further names for the message's command, of what
 * is needed beside it.
 *
 * @throws MissingPackage if it is installed at none of these places.
 */
export function findPackage(
  name: string,
  options: { readonly from?: string; readonly also?: readonly string[] } = {},
): PeerPackage {
  const places = options.from === undefined ? [process.cwd(), import.meta.dirname] : [options.from];
  for (const place of places) {
    const found = findFrom(name, place);
    if (found !== null) return found;
  }
  const names = [name, ...(options.also ?? [])].join(' ');
  throw new MissingPackage(
    `the package ${name} is not installed`,
    `npm install ${names} in the project where you run hopmark.`,
  );
}

const MANIFEST = z.object({ version: z.string() });

function findFrom(name: string, place: string): PeerPackage | null {
  const require = createRequire(join(place, 'from-here.js'));
  const folder = (require.resolve.paths(name) ?? [])
    .map((modules) => join(modules, name))
    .find((candidate) => existsSync(join(candidate, 'package.json')));
  if (folder === undefined) return null;
  const manifest: unknown = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const { version } = MANIFEST.parse(manifest);
  return {
    name,
    version,
    folder,
    load: async <F>(exported: string): Promise<F> => {
      const module: unknown = await import(pathToFileURL(require.resolve(name)).href);
      const found = exportOf(module, exported);
      if (typeof found === 'function') return found as F;
      throw new Error(`${name} ${version} exports no function '${exported}'`);
    },
  };
}

/** By name, or as a property of the default export, which is where CommonJS may have it. */
function exportOf(module: unknown, name: string): unknown {
  const own = propertyOf(module, name);
  return own ?? propertyOf(propertyOf(module, 'default'), name);
}

function propertyOf(value: unknown, name: string): unknown {
  const holds = (typeof value === 'object' && value !== null) || typeof value === 'function';
  return holds ? Reflect.get(value, name) : undefined;
}
