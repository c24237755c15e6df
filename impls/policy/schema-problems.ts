/** What a schema's verdict means to the person who wrote the file: key, found, expected. */
import * as z from 'zod';
import { policySchema } from './schema.ts';

/** A problem without its place in the text. */
export interface Finding {
  readonly path: readonly PropertyKey[];
  /** Whether the key itself is wrong, and not its value. */
  readonly onKey: boolean;
  readonly key: string;
  readonly found: string;
  readonly expected: string;
}

/** Each problem that the schema has with a value. */
export function findings(error: z.ZodError, value: unknown): Finding[] {
  return error.issues.flatMap((issue) => {
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => unknownKey([...issue.path, key]));
    }
    const found = valueAt(value, issue.path);
    const expected = expectation(issue);
    return [
      { path: issue.path, onKey: false, key: written(issue.path), found: shown(found), expected },
    ];
  });
}

function unknownKey(path: readonly PropertyKey[]): Finding {
  const given = String(path.at(-1));
  const known = knownKeys(path.slice(0, -1));
  const nearest = known
    .map((key) => ({ key, distance: editDistance(given.toLowerCase(), key.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance)[0];
  const isNear = nearest !== undefined && nearest.distance <= Math.max(2, given.length / 3);
  const expected = isNear ? `${nearest.key} (the nearest known key)` : `one of ${known.join(', ')}`;
  return { path, onKey: true, key: written(path), found: 'an unknown key', expected };
}

/** The texts that zod writes by itself, in the words of the other messages. */
function expectation(issue: z.core.$ZodIssue): string {
  const article: Readonly<Record<string, string>> = {
    object: 'a map',
    array: 'a list',
    string: 'a text',
    boolean: 'true or false',
  };
  if (issue.code === 'invalid_type' && /^Invalid input/.test(issue.message)) {
    return article[issue.expected] ?? issue.expected;
  }
  return issue.message;
}

function written(path: readonly PropertyKey[]): string {
  return path.reduce<string>((key, step) => {
    if (typeof step === 'number') return `${key}[${step}]`;
    const name = String(step);
    if (!/^[A-Za-z_$][\w$-]*$/.test(name)) return `${key}[${JSON.stringify(name)}]`;
    return key === '' ? name : `${key}.${name}`;
  }, '');
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  let at = value;
  for (const step of path) {
    if (typeof at !== 'object' || at === null) return undefined;
    at = Object.getOwnPropertyDescriptor(at, step)?.value;
  }
  return at;
}

const MAX_SHOWN = 60;

function shown(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (typeof value === 'object' && value !== null) {
    const text = JSON.stringify(value);
    return text.length <= MAX_SHOWN ? text : Array.isArray(value) ? 'a list' : 'a map';
  }
  if (typeof value === 'number') return String(value);
  const text = JSON.stringify(value) ?? String(value);
  return text.length <= MAX_SHOWN ? text : `${text.slice(0, MAX_SHOWN - 1)}…"`;
}

/** As much of a JSON Schema as is read here. */
export interface JsonSchema {
  readonly $schema?: string;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly items?: JsonSchema;
}

/** The keys that the schema knows at a path, taken from its own published form. */
function knownKeys(path: readonly PropertyKey[]): string[] {
  let at: JsonSchema | undefined = policyJsonSchema();
  for (const step of path) {
    at = typeof step === 'number' ? at?.items : at?.properties?.[String(step)];
  }
  return Object.keys(at?.properties ?? {});
}

/** The JSON Schema of the user's form, as it is published. */
export function policyJsonSchema(): JsonSchema {
  const schema = policySchema({ path: 1, header: 1, body: 1 });
  return z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as JsonSchema;
}

/** Levenshtein's distance; the names are short. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
