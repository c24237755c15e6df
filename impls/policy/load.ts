/**
 * Reads a policy, from a file, a text or an object, or refuses it whole with every problem and its
 * place. It keeps no state and watches nothing: reloading is the host's. Only for load time; what
 * serves requests takes the {@link Policy} that comes out.
 */
import { readFile, stat } from 'node:fs/promises';
import { MAX_SUBJECT_CHARACTERS } from './pattern.ts';
import type { Policy } from './policy.ts';
import { PolicyError, type PolicyProblem } from './policy-error.ts';
import type { PolicyInput } from './policy-input.ts';
import { readPolicyText } from './policy-text.ts';
import { parseSizeBytes } from './quantities.ts';
import {
  DEFAULT_BODY_MATCH_BYTES,
  DEFAULT_TARGET_BYTES,
  MAX_BODY_MATCH_BYTES,
  MAX_TARGET_BYTES,
  policySchema,
  type SubjectCharacters,
} from './schema.ts';
import { findings } from './schema-problems.ts';

export { PolicyError } from './policy-error.ts';
export type { PolicyInput } from './policy-input.ts';

/** A larger file is refused unread: no policy that people write comes near. */
const MAX_FILE_BYTES = 1 << 20;

/** Stands in for an upstream where the host names one anyway. */
const UNNAMED_UPSTREAM = 'http://127.0.0.1:8080';

/**
 * The policy in a YAML or JSON text. `fileName` is for messages, and its `.json` asks for strict
 * JSON.
 *
 * @throws PolicyError with every problem found.
 */
export function loadPolicy(text: string, fileName: string): Policy {
  const source = readPolicyText(text, fileName);
  const schema = policySchema(subjectsOf(source.value));
  const result = schema.safeParse(source.value);
  if (result.success) return result.data;
  throw new PolicyError(
    fileName,
    findings(result.error, source.value).map(({ path, onKey, ...finding }) => ({
      file: fileName,
      ...source.locate(path, onKey),
      ...finding,
    })),
  );
}

/**
 * The policy in a file.
 *
 * @throws PolicyError if the file cannot be read, too.
 */
export async function loadPolicyFile(path: string): Promise<Policy> {
  return loadPolicy(await readText(path), path);
}

/**
 * Defaults with the given parts, in the user's form: for tests, and for hosts that need no file.
 *
 * @throws PolicyError as a file of that content would; line and column are 0.
 */
export function createPolicy(overrides: PolicyInput = {}): Policy {
  const value = { upstream: UNNAMED_UPSTREAM, ...overrides };
  const result = policySchema(subjectsOf(value)).safeParse(value);
  if (result.success) return result.data;
  const place = { file: 'policy', line: 0, column: 0 };
  throw new PolicyError(
    place.file,
    findings(result.error, value).map(({ key, found, expected }) => ({
      ...place,
      key,
      found,
      expected,
    })),
  );
}

/** The bounds that patterns are judged by; a bound that is itself wrong is reported elsewhere. */
function subjectsOf(value: unknown): SubjectCharacters {
  const limits = isRecord(value) && isRecord(value.limits) ? value.limits : {};
  const within = (given: unknown, most: number, otherwise: number): number => {
    const bytes = parseSizeBytes(given);
    return bytes !== null && bytes >= 1 && bytes <= most ? bytes : otherwise;
  };
  return {
    path: within(limits.target, MAX_TARGET_BYTES, DEFAULT_TARGET_BYTES),
    header: MAX_SUBJECT_CHARACTERS,
    body: within(limits.bodyMatch, MAX_BODY_MATCH_BYTES, DEFAULT_BODY_MATCH_BYTES),
  };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

async function readText(path: string): Promise<string> {
  const refuse = (found: string, cause?: unknown): PolicyError =>
    new PolicyError(path, [wholeFile(path, found)], cause);
  try {
    const entry = await stat(path);
    if (entry.isDirectory()) throw refuse('a directory');
    if (!entry.isFile()) throw refuse('something that is not a file');
    if (entry.size > MAX_FILE_BYTES) throw refuse(`a file of ${entry.size} bytes`);
    const bytes = await readFile(path);
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    if (error instanceof PolicyError) throw error;
    if (error instanceof TypeError) throw refuse('bytes that are not UTF-8', error);
    throw refuse(unreadable(error), error);
  }
}

function unreadable(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOENT' || code === 'ENOTDIR') return 'no such file';
  if (code === 'EACCES' || code === 'EPERM') return 'a file that may not be read';
  return error instanceof Error ? error.message : String(error);
}

function wholeFile(file: string, found: string): PolicyProblem {
  const expected = 'a policy in YAML or JSON, at most 1 MB of UTF-8';
  return { file, line: 1, column: 1, key: '', found, expected };
}
