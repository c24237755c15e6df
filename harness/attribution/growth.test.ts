import { describe, expect, test } from 'vitest';
import { growthBetween, type ProfiledSide } from './growth.ts';
import type { SampledFrame } from './sampled-profile.ts';
import { placings } from './source-place.ts';

const place = placings('/old/src/proxy.ts', '/new/src/proxy.ts', ['/tool']);

/** A function that took so many samples of 100. */
const frame = (name: string, url: string, samples: number, line = 1): SampledFrame => ({
  name,
  url,
  line,
  caller: null,
  total: samples * 100,
  squares: samples * 100 * 100,
});

const side = (
  which: 'reference' | 'candidate',
  ...processes: readonly (readonly SampledFrame[])[]
): ProfiledSide => ({
  processes: processes.map((frames) => ({ frames, requests: 1000 })),
  place: place[which],
});

const [OLD, NEW] = ['file:///old/src/proxy.ts', 'file:///new/src/proxy.ts'];

describe('what grew', () => {
  test('is what takes more a request, by function, the most first', () => {
    const before = [
      frame('read', OLD, 500, 3),
      frame('match', OLD, 300, 9),
      frame('log', OLD, 200),
    ];
    const after = [frame('read', NEW, 600, 4), frame('match', NEW, 900, 8), frame('log', NEW, 150)];
    const growth = growthBetween(
      side('reference', before, before, before),
      side('candidate', after, after, after),
    );
    expect(growth).toEqual({
      reference: expect.closeTo(100),
      candidate: expect.closeTo(165),
      frames: [
        {
          name: 'match',
          file: 'src/proxy.ts',
          line: 8,
          reference: expect.closeTo(30),
          candidate: expect.closeTo(90),
          growth: expect.closeTo(60),
        },
        expect.objectContaining({ name: 'read', growth: expect.closeTo(10) }),
      ],
    });
  });

  test('may be new, and then was nothing before', () => {
    const before = [frame('read', OLD, 500)];
    const after = [frame('read', NEW, 500), frame('spin', 'file:///tool/harness/spin.ts', 100, 7)];
    const { frames } = growthBetween(side('reference', before), side('candidate', after));
    expect(frames).toEqual([
      expect.objectContaining({ name: 'spin', file: 'harness/spin.ts', line: 7, reference: 0 }),
    ]);
  });

  test('tells two functions of one name apart by their lines where both sides run the same file', () => {
    const file = 'node:net';
    const before = [frame('write', file, 500, 10), frame('write', file, 500, 20)];
    const after = [frame('write', file, 400, 10), frame('write', file, 700, 20)];
    const { frames } = growthBetween(side('reference', before), side('candidate', after));
    expect(frames).toEqual([expect.objectContaining({ line: 20, growth: expect.closeTo(20) })]);
  });

  test.each([
    ['by less than a hundredth of the whole', 1_000_000, 1_009_000],
    ['by no more than chance', 400, 440],
  ])('is not what differs %s', (_, was, is) => {
    const before = side('reference', [frame('read', OLD, was)]);
    const after = side('candidate', [frame('read', NEW, is)]);
    expect(growthBetween(before, after).frames).toEqual([]);
    expect(growthBetween(after, before).frames).toEqual([]);
  });

  test('is not what differs as much between processes of one side', () => {
    const of = (url: string, samples: number): SampledFrame[] => [frame('read', url, samples)];
    const before = side('reference', of(OLD, 100), of(OLD, 900), of(OLD, 100));
    const after = side('candidate', of(NEW, 800), of(NEW, 900), of(NEW, 800));
    expect(growthBetween(before, after).frames).toEqual([]);
  });

  test('is a file as a whole where its growth moves from one function to another', () => {
    const same = frame('read', 'node:net', 1000, 1);
    const added = (name: string): SampledFrame[] => [
      same,
      frame(name, 'file:///tool/a.ts', 300, 5),
    ];
    const { frames } = growthBetween(
      side('reference', [same], [same], [same]),
      side('candidate', added('spin'), added('caller'), added('spin')),
    );
    expect(frames).toEqual([
      expect.objectContaining({ name: '(whole file)', file: 'a.ts', line: null }),
    ]);
  });

  test('is a native function by whoever calls it, shown with the caller', () => {
    const native = (caller: string, samples: number): SampledFrame => ({
      ...frame('write', '', samples, 0),
      caller: { name: caller, url: NEW, line: 8 },
    });
    const before = side('reference', [native('send', 1000)]);
    const wrapped = side('candidate', [native('wrapper', 1010)]);
    expect(growthBetween(before, wrapped).frames).toEqual([]);
    const more = side('candidate', [native('send', 1000), native('spin', 1500)]);
    expect(growthBetween(before, more).frames).toEqual([
      expect.objectContaining({ name: 'write in spin', file: 'src/proxy.ts', line: 8 }),
    ]);
  });

  test('is listed as far as eight functions', () => {
    const after = Array.from({ length: 20 }, (_, index) => frame(`f${index}`, NEW, 100 + index));
    const { frames } = growthBetween(side('reference', []), side('candidate', after));
    expect(frames.map(({ name }) => name)).toEqual(
      [19, 18, 17, 16, 15, 14, 13, 12].map((index) => `f${index}`),
    );
  });
});
