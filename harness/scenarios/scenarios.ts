/**
 * The named scenarios, and the way from what a user writes after `--scenario` to a scenario: a
 * built-in name or the path of a JSON file. It deliberately does not print: the error says it all.
 */
import { readFile } from 'node:fs/promises';
import type { z } from 'zod';
import { HopmarkError } from '../model/error.ts';
import type { Scenario } from '../model/scenario.ts';
import { schemaOfKind } from '../model/scenario-schema.ts';
import {
  COLD_CONNECTIONS,
  MANY_RULES,
  RELOAD_UNDER_LOAD,
  SLOW_ORIGIN,
} from './conditions-scenarios.ts';
import {
  FIXED_1KB,
  LARGE_DOWNLOAD,
  SUB_MILLISECOND,
  THROUGHPUT,
  UPLOAD,
} from './fixed-scenarios.ts';
import { MIXED_API } from './mixed-api.ts';
import { WEB_MIX } from './web-mix.ts';
import { WEBSOCKET_ECHO } from './websocket-echo.ts';

const BUILT_IN: readonly Scenario[] = [
  WEB_MIX,
  FIXED_1KB,
  ...THROUGHPUT,
  SUB_MILLISECOND,
  MIXED_API,
  LARGE_DOWNLOAD,
  UPLOAD,
  WEBSOCKET_ECHO,
  SLOW_ORIGIN,
  MANY_RULES,
  COLD_CONNECTIONS,
  RELOAD_UNDER_LOAD,
];

/** The built-in scenarios by name; the first is the default. */
export const SCENARIOS: ReadonlyMap<string, Scenario> = new Map(
  BUILT_IN.map((scenario) => [scenario.name, scenario]),
);

/** Their names, the default first. */
export const SCENARIO_NAMES: readonly string[] = [...SCENARIOS.keys()];

/**
 * Finds a scenario by its name, or reads it from a file: whatever has a slash or ends in `.json` is
 * a path. Rejects with a
 * HopmarkError of side `user`: `scenario-unknown`, `scenario-unreadable`, `scenario-invalid`.
 */
export async function findScenario(nameOrPath: string): Promise<Scenario> {
  const builtIn = SCENARIOS.get(nameOrPath);
  if (builtIn !== undefined) return builtIn;
  if (nameOrPath.includes('/') || nameOrPath.endsWith('.json')) return readScenario(nameOrPath);
  throw new HopmarkError('user', 'scenario-unknown', `unknown scenario "${nameOrPath}"`, {
    remedy: `${suggestion(nameOrPath)} A path to a JSON file works too.`,
  });
}

async function readScenario(path: string): Promise<Scenario> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new HopmarkError(
      'user',
      'scenario-unreadable',
      `cannot read the scenario ${path}: ${why}`,
      { cause },
    );
  }
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new HopmarkError('user', 'scenario-invalid', `${path} is not JSON: ${why}`, { cause });
  }
  return checkScenario(document, path);
}

/** Checks a parsed document; `where` begins each line of the message. */
function checkScenario(document: unknown, where: string): Scenario {
  const kind =
    typeof document === 'object' && document !== null && 'kind' in document
      ? document.kind
      : undefined;
  const schema = schemaOfKind(kind);
  if (schema === undefined)
    throw new HopmarkError(
      'user',
      'scenario-invalid',
      `${where}: kind: found ${show(kind)}, expected "mix", "fixed", "recorded" or "websocket"`,
    );
  const result = schema.safeParse(document);
  if (result.success) return result.data;
  const lines = result.error.issues
    .slice(0, 10)
    .map((issue) => `${where}: ${describe(issue, document)}`);
  throw new HopmarkError('user', 'scenario-invalid', lines.join('\n'), {
    remedy: 'docs/scenarios.md describes every key.',
    cause: result.error,
  });
}

/** `path: found X, expected Y`. */
function describe(issue: z.core.$ZodIssue, document: unknown): string {
  const path = issue.path.join('.') || '(the whole document)';
  if (issue.code === 'unrecognized_keys')
    return `${path}: unknown key ${issue.keys.map((key) => JSON.stringify(key)).join(', ')}`;
  const expected = issue.code === 'invalid_type' ? issue.expected : issue.message;
  return `${path}: found ${show(valueAt(document, issue.path))}, expected ${expected}`;
}

function valueAt(document: unknown, path: readonly PropertyKey[]): unknown {
  let value = document;
  for (const key of path)
    value = typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
  return value;
}

function show(value: unknown): string {
  if (value === undefined) return 'nothing';
  const json = JSON.stringify(value) ?? String(value);
  return json.length <= 60 ? json : `${json.slice(0, 57)}...`;
}

function suggestion(name: string): string {
  const near = SCENARIO_NAMES.filter(
    (known) => distance(name, known) <= Math.max(2, known.length / 3),
  );
  return near.length > 0
    ? `Did you mean ${near.join(' or ')}?`
    : '"hopmark bench --list" names them all.';
}

/** Levenshtein distance. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 0; i < a.length; i++) {
    const next = [i + 1];
    for (let j = 0; j < b.length; j++)
      next.push(
        Math.min(
          (row[j] ?? 0) + (a[i] === b[j] ? 0 : 1),
          (row[j + 1] ?? 0) + 1,
          (next[j] ?? 0) + 1,
        ),
      );
    row = next;
  }
  return row[b.length] ?? 0;
}
