import { appendFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { addToProof, type ProvedGate, readProof } from './proof-record.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hopmark-proof-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const GATE: ProvedGate = {
  series: 'none',
  commit: 'aaa',
  seed: 1,
  at: '2026-11-24T10:00:00.000Z',
  verdict: 'unchanged',
  rounds: 6,
  seconds: 31,
  metrics: [{ metric: 'hop-p50', ratio: 1.001, noiseFloor: 0.004, verdict: 'unchanged' }],
  bank: [[{ 'hop-p50': 49 }, { 'hop-p50': 48 }, { 'hop-p50': 50 }]],
};

test('a proof goes on from the gates of its own commit', async () => {
  const file = join(folder, 'proof.jsonl');
  expect(await readProof(file, 'aaa')).toEqual([]);
  await addToProof(file, GATE);
  await addToProof(file, { ...GATE, commit: 'bbb' });
  await addToProof(file, { ...GATE, seed: 2 });
  expect(await readProof(file, 'aaa')).toEqual([GATE, { ...GATE, seed: 2 }]);
});

test('a damaged line is named', async () => {
  const file = join(folder, 'proof.jsonl');
  await addToProof(file, GATE);
  await appendFile(file, '{"series": "none"');
  await expect(readProof(file, 'aaa')).rejects.toThrow(/line 2 is no gate/);
});
