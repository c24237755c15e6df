import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatLogRecord, type LogRecord } from './log-record.ts';

const least: LogRecord = {
  timeMs: Date.UTC(2026, 0, 2, 3, 4, 5, 6),
  rule: 'crawlers',
  responseRule: null,
  client: '192.0.2.1',
  status: 200,
  outcome: 'forwarded',
  requestBytes: 0,
  responseBytes: 12,
};

describe('a log line', () => {
  test('holds what was captured, in the documented order', () => {
    const line = formatLogRecord({
      ...least,
      responseBody: 'out',
      requestBody: 'in',
      responseHeaders: [['Server', 'x']],
      requestHeaders: [
        ['Host', 'a'],
        ['Host', 'b'],
      ],
      upstreamMs: null,
      durationMs: 1.23456,
      target: '/a',
      method: 'GET',
    });
    expect(line).toBe(
      '{"time":"2026-01-02T03:04:05.006Z","rule":"crawlers","responseRule":null,"client":"192.0.2.1",' +
        '"method":"GET","target":"/a","status":200,"outcome":"forwarded","requestBytes":0,"responseBytes":12,' +
        '"durationMs":1.235,"upstreamMs":null,"requestHeaders":[["Host","a"],["Host","b"]],' +
        '"responseHeaders":[["Server","x"]],"requestBody":"in","responseBody":"out"}\n',
    );
  });

  test('leaves out what was not captured', () => {
    expect(Object.keys(JSON.parse(formatLogRecord(least)))).toEqual([
      'time',
      'rule',
      'responseRule',
      'client',
      'status',
      'outcome',
      'requestBytes',
      'responseBytes',
    ]);
  });

  test('is one line of printable text whatever the strings hold, and reads back unchanged', () => {
    const hostile = fc.string({ unit: fc.nat(0xffff).map((n) => String.fromCharCode(n)) });
    fc.assert(
      fc.property(hostile, hostile, (first, second) => {
        const line = formatLogRecord({
          ...least,
          method: first,
          client: second,
          requestHeaders: [[first, second]],
          requestBody: `${first}\x7f\x85\u2028\u2029\n${second}`,
        });
        expect(line.slice(0, -1)).not.toMatch(/[\x00-\x1f\x7f-\x9f\u2028\u2029]/);
        expect(line.endsWith('}\n')).toBe(true);
        const read = JSON.parse(line);
        expect(read.method).toBe(first);
        expect(read.requestHeaders).toEqual([[first, second]]);
        expect(read.requestBody).toBe(`${first}\x7f\x85\u2028\u2029\n${second}`);
      }),
      { seed: 11, numRuns: 1000 },
    );
  });

  test('cuts a target at 2048 characters and a header value at 1024, ellipsis included', () => {
    const read = JSON.parse(
      formatLogRecord({
        ...least,
        target: 'a'.repeat(2049),
        requestHeaders: [['X', 'b'.repeat(1025)]],
        responseHeaders: [['X', 'b'.repeat(1024)]],
      }),
    );
    expect(read.target).toBe(`${'a'.repeat(2047)}…`);
    expect(read.requestHeaders).toEqual([['X', `${'b'.repeat(1023)}…`]]);
    expect(read.responseHeaders).toEqual([['X', 'b'.repeat(1024)]]);
  });

  test('does not cut a surrogate pair in half', () => {
    const value = `${'b'.repeat(1022)}😀${'c'.repeat(9)}`;
    const read = JSON.parse(formatLogRecord({ ...least, requestHeaders: [['X', value]] }));
    expect(read.requestHeaders[0][1]).toBe(`${'b'.repeat(1022)}…`);
  });

  test('holds at most 100 fields of a message, and shows that there were more', () => {
    const list = Array.from({ length: 101 }, (_, i) => [`X-${i}`, 'v'] as const);
    const cut = JSON.parse(formatLogRecord({ ...least, requestHeaders: list })).requestHeaders;
    expect(cut).toHaveLength(101);
    expect(cut[99]).toEqual(['X-99', 'v']);
    expect(cut[100]).toEqual(['…', '']);
    const whole = formatLogRecord({ ...least, requestHeaders: list.slice(0, 100) });
    expect(JSON.parse(whole).requestHeaders).toHaveLength(100);
  });

  test('shows durations with at most three decimals and never a negative one', () => {
    const read = JSON.parse(formatLogRecord({ ...least, durationMs: -1, upstreamMs: 0.0004 }));
    expect(read.durationMs).toBe(0);
    expect(read.upstreamMs).toBe(0);
  });
});
