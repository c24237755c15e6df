/**
 * The conformance cases that the original cannot meet, each for what follows from collecting
 * bodies whole or for a named limit of the public `node:http` or undici API. Nothing else may be
 * listed here.
 */
import type { CaseSkip } from '../contract.ts';

export const skips: readonly CaseSkip[] = [];
