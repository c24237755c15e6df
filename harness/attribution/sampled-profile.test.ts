import { describe, expect, test } from 'vitest';
import { readCpuProfile, readHeapProfile } from './sampled-profile.ts';

const call = (functionName: string, url = '', lineNumber = -1): object => ({
  functionName,
  url,
  lineNumber,
  columnNumber: 0,
  scriptId: '1',
});

describe('a CPU profile', () => {
  const nodes = [
    { id: 1, callFrame: call('(root)'), children: [2, 3, 6] },
    { id: 2, callFrame: call('(idle)') },
    { id: 3, callFrame: call('spin', 'file:///a.ts', 4), children: [4] },
    { id: 4, callFrame: call('now', 'node:internal/perf', 9), children: [5] },
    { id: 5, callFrame: call('now') },
    { id: 6, callFrame: call('(garbage collector)') },
  ];

  test('gives each function its samples at their usual distance, without waiting', () => {
    const text = JSON.stringify({
      nodes,
      samples: [3, 2, 3, 6, 2, 3],
      // The third one came late.
      timeDeltas: [100, 100, 9000, 100, 101, 99],
    });
    expect(readCpuProfile(text)).toEqual([
      { name: 'spin', url: 'file:///a.ts', line: 5, caller: null, total: 300, squares: 30_000 },
      { name: '(garbage collector)', url: '', line: 0, caller: null, total: 100, squares: 10_000 },
    ]);
  });

  test("names the project's function that called a native one", () => {
    const [frame] = readCpuProfile(JSON.stringify({ nodes, samples: [5], timeDeltas: [100] }));
    expect(frame).toMatchObject({
      name: 'now',
      url: '',
      caller: { name: 'spin', url: 'file:///a.ts', line: 5 },
    });
  });

  test('that is none is refused', () => {
    expect(() => readCpuProfile('{"nodes": []}')).toThrow();
    expect(() => readCpuProfile('{"nodes": [')).toThrow();
  });
});

test('a heap profile gives each function its sampled bytes', () => {
  const text = JSON.stringify({
    head: {
      id: 1,
      callFrame: call('(root)'),
      selfSize: 0,
      children: [
        {
          id: 2,
          callFrame: call('read', 'file:///a.ts', 0),
          selfSize: 0,
          children: [{ id: 3, callFrame: call('concat'), selfSize: 0, children: [] }],
        },
      ],
    },
    samples: [
      { nodeId: 2, size: 8000, ordinal: 1 },
      { nodeId: 3, size: 16_000, ordinal: 2 },
      { nodeId: 2, size: 9000, ordinal: 3 },
    ],
  });
  const read = { name: 'read', url: 'file:///a.ts', line: 1 };
  expect(readHeapProfile(text)).toEqual([
    { ...read, caller: null, total: 17_000, squares: 145e6 },
    { name: 'concat', url: '', line: 0, caller: read, total: 16_000, squares: 256e6 },
  ]);
});
