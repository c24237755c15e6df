/**
 * Finds `hopmark.config.{ts,js,json}` in the working folder and refuses what is wrong in it, whole,
 * with file, key, what was found and what was expected. What the keys mean is in
 * `harness/config.ts`; the form of thresholds is `harness/verdict/thresholds.ts`'s business.
 */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseDocument } from 'yaml';
import { z } from 'zod';
import type { HopmarkConfig } from '../config.ts';
import { HopmarkError } from '../model/error.ts';
import { parseDuration } from './option.ts';

/** A configuration that was read, with its duration in milliseconds. */
export interface LoadedConfig extends Omit<HopmarkConfig, 'budget'> {
  readonly budgetMs?: number;
}

const NAMES = ['hopmark.config.ts', 'hopmark.config.js', 'hopmark.config.json'] as const;

const text = z.string().min(1, 'a text that is not empty');
const schema = z.strictObject({
  implementation: text.exactOptional(),
  scenario: text.exactOptional(),
  policy: text.exactOptional(),
  budget: z.string().refine(isDuration, "a duration such as '60s'").exactOptional(),
  thresholds: z.record(z.string(), z.string()).exactOptional(),
  targets: z.record(z.string(), z.string()).exactOptional(),
  onInconclusive: z.enum(['fail', 'neutral']).exactOptional(),
  prepare: text.exactOptional(),
  baselines: text.exactOptional(),
});

/** The configuration of a folder; empty if it has none. Throws a user's HopmarkError, `bad-config`. */
export async function loadConfig(folder: string): Promise<LoadedConfig> {
  const present = NAMES.filter((name) => existsSync(join(folder, name)));
  const [name, second] = present;
  if (name === undefined) return {};
  if (second !== undefined) {
    throw refused(`there are ${present.join(' and ')}: which one counts?`, 'Keep one of them.');
  }
  const value = name.endsWith('.json')
    ? await readJson(name, join(folder, name))
    : await importDefault(name, join(folder, name));
  const result = schema.safeParse(value);
  if (!result.success) throw refused(problemsOf(name, value, result.error), KEYS);
  const { budget, ...rest } = result.data;
  return budget === undefined ? rest : { ...rest, budgetMs: parseDuration(budget) };
}

const KEYS = `Keys: ${Object.keys(schema.shape).join(', ')}. docs/gate.md says what each means.`;

async function readJson(name: string, path: string): Promise<unknown> {
  const content = await readFile(path, 'utf8');
  try {
    const value: unknown = JSON.parse(content);
    // JSON.parse takes the last of two equal keys, and a limit that was meant would be lost.
    const [twice] = parseDocument(content, { uniqueKeys: true }).errors.filter(
      ({ code }) => code === 'DUPLICATE_KEY',
    );
    if (twice !== undefined) {
      const line = twice.linePos?.[0].line ?? 1;
      throw refused(`${name}:${line}: a key is there twice`, 'Keep one of the two.');
    }
    return value;
  } catch (cause) {
    if (cause instanceof HopmarkError) throw cause;
    throw refused(`${name} is not JSON: ${messageOf(cause)}`, '', cause);
  }
}

async function importDefault(name: string, path: string): Promise<unknown> {
  try {
    const loaded: unknown = await import(pathToFileURL(path).href);
    const exported = z.looseObject({ default: z.unknown().optional() }).parse(loaded).default;
    if (exported !== undefined) return exported;
  } catch (cause) {
    throw refused(
      `${name} cannot be loaded: ${messageOf(cause).split('\n', 1)[0]}`,
      `node ${name} shows where.`,
      cause,
    );
  }
  throw refused(`${name} has no default export`, 'Write: export default defineConfig({ ... });');
}

/** Every problem on a line: file, key, what was found, what was expected. */
function problemsOf(name: string, value: unknown, error: z.ZodError): string {
  return error.issues
    .flatMap((issue) => {
      if (issue.code === 'unrecognized_keys') {
        return issue.keys.map((key) => `${name}: ${key}: there is no such key`);
      }
      const key = issue.path.map(String).join('.') || 'the configuration';
      const found = JSON.stringify(at(value, issue.path)) ?? 'nothing';
      const expected = issue.message.replace(/^Invalid (input|option): expected /, '');
      return [`${name}: ${key}: found ${found}, expected ${expected}`];
    })
    .join('\n');
}

function at(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (inner, key) =>
      typeof inner === 'object' && inner !== null ? Reflect.get(inner, key) : undefined,
    value,
  );
}

function isDuration(given: string): boolean {
  try {
    parseDuration(given);
    return true;
  } catch {
    return false;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function refused(message: string, remedy: string, cause?: unknown): HopmarkError {
  return new HopmarkError('user', 'bad-config', message, { remedy, cause });
}
