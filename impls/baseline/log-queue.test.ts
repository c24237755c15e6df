import { expect, test } from 'vitest';
import { Counters } from './counters.ts';
import { LogQueue } from './log-queue.ts';

interface Write {
  readonly text: string;
  readonly done: (error: Error | null) => void;
}

function queue(limitBytes: number): { log: LogQueue; counters: Counters; writes: Write[] } {
  const writes: Write[] = [];
  const counters = new Counters();
  const sink = {
    write: (lines: Uint8Array, done: Write['done']) => {
      writes.push({ text: Buffer.from(lines).toString(), done });
    },
  };
  return { log: new LogQueue(sink, counters, limitBytes), counters, writes };
}

test('there is one write at a time, and the next one takes all that waits', () => {
  const { log, writes, counters } = queue(100);
  for (const line of ['a\n', 'b\n', 'c\n']) log.push(line);
  expect(writes.map((write) => write.text)).toEqual(['a\n']);
  expect(counters.logWritten).toBe(0);
  writes[0]?.done(null);
  expect(writes.map((write) => write.text)).toEqual(['a\n', 'b\nc\n']);
  writes[1]?.done(null);
  expect(counters.logWritten).toBe(3);
});

test('a line beyond the bound is dropped whole and counted, and later ones fit again', () => {
  const { log, writes, counters } = queue(4);
  for (const line of ['a\n', 'bcd\n', 'e\n', 'f\n']) log.push(line);
  expect(counters.logDropped).toBe(2);
  writes[0]?.done(null);
  log.push('g\n');
  writes[1]?.done(null);
  expect(writes.map((write) => write.text)).toEqual(['a\n', 'bcd\n', 'g\n']);
});

test('a line larger than the bound is never written', () => {
  const { log, writes, counters } = queue(3);
  log.push('abc\n');
  expect([writes.length, counters.logDropped]).toEqual([0, 1]);
});

test('lines of a write that failed count as dropped, and the next write goes on', async () => {
  const { log, writes, counters } = queue(100);
  log.push('a\n');
  log.push('b\n');
  writes[0]?.done(new Error('disk full'));
  writes[0]?.done(null);
  writes[1]?.done(null);
  expect([counters.logWritten, counters.logDropped]).toEqual([1, 1]);
  await log.flushed(60_000);
});

test('a sink that throws loses its lines and nothing else', () => {
  const counters = new Counters();
  const sink = {
    write: (): void => {
      throw new Error('closed');
    },
  };
  const log = new LogQueue(sink, counters, 100);
  log.push('a\n');
  log.push('b\n');
  expect(counters.logDropped).toBe(2);
});
