import { expect, test } from 'vitest';
import { LogWriter } from './log-writer.ts';

/** A sink that finishes a write when told to. */
function slowSink(): {
  writes: string[];
  finish: () => void;
  write: (lines: Uint8Array, done: (error: Error | null) => void) => void;
} {
  const writes: string[] = [];
  const pending: (() => void)[] = [];
  return {
    writes,
    finish: () => pending.shift()?.(),
    write: (lines, done) => {
      writes.push(Buffer.from(lines).toString('utf8'));
      pending.push(() => done(null));
    },
  };
}

test('lines arrive whole, in order and in few writes', async () => {
  const sink = slowSink();
  const log = new LogWriter(sink, 1024 * 1024);
  const lines = Array.from({ length: 3000 }, (_, i) => `line ${i} é${'x'.repeat(i % 50)}\n`);
  for (const line of lines) log.add(line);
  const closed = log.close(60_000);
  for (let i = 0; i < 20; i += 1) sink.finish();
  await closed;
  expect(sink.writes.join('')).toBe(lines.join(''));
  expect(sink.writes.length).toBeLessThan(10);
  expect([log.written, log.dropped]).toEqual([3000, 0]);
});

test('a sink that stands still costs lines, which are counted, and has one write under way', () => {
  const sink = slowSink();
  const log = new LogWriter(sink, 100 * 1024);
  const line = `${'x'.repeat(1023)}\n`;
  for (let i = 0; i < 150; i += 1) log.add(line);
  expect(sink.writes.length).toBe(1);
  expect(log.dropped).toBe(50);
  sink.finish();
  log.add(line);
  expect(log.dropped).toBe(50);
});

test('a sink that throws or reports an error does not stop the ones after', async () => {
  let calls = 0;
  const log = new LogWriter(
    {
      write: (_, done) => {
        calls += 1;
        if (calls === 1) throw new Error('broken');
        done(new Error('full'));
      },
    },
    1024,
  );
  log.add('a\n');
  await log.close(60_000);
  log.add('b\n');
  await log.close(60_000);
  expect(calls).toBe(2);
});
