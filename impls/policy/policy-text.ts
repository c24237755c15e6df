/**
 * Turns the text of a policy into plain data that still knows where each key stood. One document,
 * unique keys, no tags, few aliases; what the keys mean is the schema's.
 */
import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseAllDocuments,
  type YAMLMap,
} from 'yaml';
import { PolicyError, type PolicyProblem } from './policy-error.ts';

/** Enough for sharing a list of patterns, far too few for a bomb. */
const MAX_ALIASES = 50;

/** A place in the text, both from 1. */
interface Place {
  readonly line: number;
  readonly column: number;
}

/** A text that was read. */
export interface PolicySource {
  readonly value: unknown;
  /** Where the value at a path stands, or its key; the nearest one above it if it is missing. */
  locate(path: readonly PropertyKey[], onKey: boolean): Place;
}

/**
 * Reads a text as YAML, or as JSON if the name ends in `.json`.
 *
 * @throws PolicyError
 */
export function readPolicyText(text: string, fileName: string): PolicySource {
  const lines = new LineCounter();
  const placeAt = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const refuse = (found: string, expected: string, offset = 0): PolicyProblem => ({
    file: fileName,
    ...placeAt(offset),
    key: '',
    found,
    expected,
  });
  const documents = parseAllDocuments(text, { lineCounter: lines, prettyErrors: false });
  const [document] = documents;
  if (document === undefined || !('contents' in document) || document.contents === null) {
    if (document?.errors.length) throw syntaxError(document, fileName, refuse);
    throw new PolicyError(fileName, [refuse('an empty file', 'a policy in YAML or JSON')]);
  }
  if (document.errors.length > 0 || document.warnings.length > 0) {
    throw syntaxError(document, fileName, refuse);
  }
  if (documents.length > 1) {
    const offset = documents[1]?.range[0] ?? 0;
    throw new PolicyError(fileName, [refuse(`${documents.length} documents`, 'one', offset)]);
  }
  if (fileName.toLowerCase().endsWith('.json')) checkJson(text, fileName, refuse);
  return {
    value: plainData(document, fileName, refuse),
    locate: (path, onKey) => placeAt(offsetOf(document, path, onKey)),
  };
}

type Refuse = (found: string, expected: string, offset?: number) => PolicyProblem;

function syntaxError(
  document: Pick<Document, 'errors' | 'warnings'>,
  fileName: string,
  refuse: Refuse,
): PolicyError {
  const all = [...document.errors, ...document.warnings];
  return new PolicyError(
    fileName,
    all.map((error) => refuse(`an error (${error.message})`, 'valid YAML or JSON', error.pos[0])),
  );
}

/** What YAML takes and JSON does not, such as a comment, is refused in a file named `.json`. */
function checkJson(text: string, fileName: string, refuse: Refuse): void {
  try {
    JSON.parse(text.replace(/^\ufeff/, ''));
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const offset = Number(/at position (\d+)/.exec(message)?.[1] ?? 0);
    throw new PolicyError(fileName, [refuse(`an error (${message})`, 'valid JSON', offset)], error);
  }
}

function plainData(document: Document.Parsed, fileName: string, refuse: Refuse): unknown {
  try {
    return document.toJS({ maxAliasCount: MAX_ALIASES });
  } catch (error) {
    const found = error instanceof Error ? error.message : String(error);
    const expected = `at most ${MAX_ALIASES} uses of aliases`;
    throw new PolicyError(fileName, [refuse(`an error (${found})`, expected)], error);
  }
}

function offsetOf(document: Document.Parsed, path: readonly PropertyKey[], onKey: boolean): number {
  let node: Node | null | undefined = document.contents;
  let offset = node?.range?.[0] ?? 0;
  for (const [depth, step] of path.entries()) {
    if (isAlias(node)) node = node.resolve(document);
    if (isMap(node)) {
      const { key, value } = entryOf(node, step);
      const wantsKey = onKey && depth === path.length - 1;
      node = wantsKey ? null : value;
      offset = node?.range?.[0] ?? key?.range?.[0] ?? offset;
    } else if (isSeq(node)) {
      const item: unknown = node.items[Number(step)];
      node = isNode(item) ? item : null;
      offset = node?.range?.[0] ?? offset;
    } else {
      break;
    }
  }
  return offset;
}

/** The key and the value that a map has under a name. */
function entryOf(map: YAMLMap, name: PropertyKey): { key: Node | null; value: Node | null } {
  for (const { key, value } of map.items) {
    if (isScalar(key) && String(key.value) === String(name)) {
      return { key, value: isNode(value) ? value : null };
    }
  }
  return { key: null, value: null };
}

function isNode(value: unknown): value is Node {
  return isScalar(value) || isMap(value) || isSeq(value) || isAlias(value);
}
