import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { TIER_UP_CALLS, TIER_UP_FLAG } from './tier-up.ts';

test('this V8 knows the flag, and would compile later by itself', () => {
  const options = execFileSync(process.execPath, ['--v8-options'], { encoding: 'utf8' });
  const [, calls] = new RegExp(`default: ${TIER_UP_FLAG}=(\\d+)`).exec(options) ?? [];
  expect(Number(calls)).toBeGreaterThan(TIER_UP_CALLS);
});
