import { expect, test } from 'vitest';
import { failuresInProcess } from '../../harness/conformance/in-process.ts';
import { baseline } from './index.ts';

test('it meets every case of every tier that it does not declare as skipped', async () => {
  expect(await failuresInProcess(baseline)).toEqual([]);
});
