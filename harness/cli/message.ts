/**
 * Errors as people read them: what happened, where, and what to do next, in one to three lines.
 */
import { CommanderError } from 'commander';

/** The lines for an error. A stack trace only if `debug`. */
export function errorLines(error: unknown, debug: boolean): readonly string[] {
  // Commander has printed its own message already.
  if (error instanceof CommanderError) return [];
  if (!(error instanceof Error)) return [`hopmark: ${String(error)}`];
  const remedy = 'remedy' in error && typeof error.remedy === 'string' ? error.remedy : '';
  const lines = [`hopmark: ${error.message}`];
  if (remedy !== '') lines.push(remedy);
  if (debug) lines.push(...stacks(error));
  else if (isUnexpected(error)) lines.push('This is a defect in hopmark; --debug shows where.');
  return lines;
}

/** Expected errors carry a code of ours; anything else is a programmer's mistake. */
function isUnexpected(error: Error): boolean {
  return !('code' in error) && !('problems' in error);
}

function stacks(error: Error): readonly string[] {
  const own = error.stack ?? '';
  return error.cause instanceof Error ? [own, ...stacks(error.cause)] : [own];
}
