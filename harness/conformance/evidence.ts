/**
 * Turns what went over the wire into strings that people can read and reports can hold.
 */
import type { Observed } from '../../impls/conformance/observed.ts';
import type { CaseEvidence } from '../model/conformance.ts';

/** Bytes shown of each connection; what is longer is cut in the middle. */
const SHOWN_BYTES = 700;
const SHOWN_LOG_LINES = 10;
const SHOWN_CONNECTIONS = 10;

export function describeEvidence(observed: Observed): CaseEvidence {
  const client = observed.client.slice(0, SHOWN_CONNECTIONS);
  const connections = observed.origin.connections.slice(0, SHOWN_CONNECTIONS);
  return {
    sent: client.map((one) => readable(one.sent)),
    receivedByOrigin: connections.map((one) =>
      annotate(readable(one.received), [
        one.problem === null ? null : `unreadable: ${one.problem}`,
      ]),
    ),
    answered: client.map((one) =>
      annotate(readable(one.received), [
        one.problem === null ? null : `unreadable: ${one.problem}`,
        ENDINGS[one.ending],
      ]),
    ),
    logLines: observed.logLines
      .slice(0, SHOWN_LOG_LINES)
      .map((line) => readable(Buffer.from(line, 'utf8'))),
  };
}

const ENDINGS = {
  open: 'the connection stays open',
  ended: 'the proxy ends the connection',
  reset: 'the proxy resets the connection',
} as const;

function annotate(text: string, notes: readonly (string | null)[]): string {
  const present = notes.filter((note) => note !== null);
  return present.length === 0 ? text : `${text}[${present.join('; ')}]`;
}

/**
 * Latin-1, with control and other unprintable bytes escaped as in a string literal, and the middle
 * of what is long replaced by the number of bytes left out.
 */
export function readable(bytes: Uint8Array, shownBytes: number = SHOWN_BYTES): string {
  if (bytes.length <= shownBytes) return escapeBytes(bytes);
  const half = Math.floor(shownBytes / 2);
  const left = bytes.length - 2 * half;
  const tail = bytes.subarray(bytes.length - half);
  return `${escapeBytes(bytes.subarray(0, half))}[${left} bytes left out]${escapeBytes(tail)}`;
}

function escapeBytes(bytes: Uint8Array): string {
  return Buffer.from(bytes)
    .toString('latin1')
    .replace(/[^\x20-\x5b\x5d-\x7e]/g, escapeCharacter);
}

function escapeCharacter(character: string): string {
  const known = ESCAPES[character];
  if (known !== undefined) return known;
  return `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`;
}

const ESCAPES: Readonly<Record<string, string>> = {
  '\r': '\\r',
  '\n': '\\n',
  '\t': '\\t',
  '\\': '\\\\',
};
