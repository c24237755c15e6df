/**
 * How the process of an implementation says that it cannot start, and whose fault that is. It runs
 * in that process.
 */
import { RegistryError } from '../../impls/registry-error.ts';
import { HopmarkError } from '../model/error.ts';
import type { ChildMessage } from './child-protocol.ts';

/** An error as it crosses the channel. */
export function describeError(error: unknown): { code: string; message: string; remedy: string } {
  if (!(error instanceof Error)) {
    return { code: 'start-failed', message: String(error), remedy: '' };
  }
  const remedy = 'remedy' in error && typeof error.remedy === 'string' ? error.remedy : '';
  const code = 'code' in error && typeof error.code === 'string' ? error.code : 'start-failed';
  return { code, message: error.message, remedy };
}

/** Tells the parent why, and ends the process with code 1. */
export function endWithFailure(error: unknown): void {
  // A module that throws is a proxy that fails; all else that the registry says is input.
  const usersFault =
    error instanceof HopmarkError
      ? error.side === 'user'
      : error instanceof RegistryError && !['module-failed', 'factory-failed'].includes(error.code);
  const failure: ChildMessage = { type: 'failed', usersFault, ...describeError(error) };
  if (process.send === undefined) process.exit(1);
  else process.send(failure, () => process.exit(1));
}
