/** The conformance table as people see it. */
import { expect, test } from 'vitest';
import type { ConformanceResult } from '../model/conformance.ts';
import { readable } from './evidence.ts';
import { renderConformance } from './render.ts';

const EVIDENCE = {
  sent: ['GET /x HTTP/1.1\\r\\nHost: test.example\\r\\nConnection: X-First\\r\\n\\r\\n'],
  receivedByOrigin: ['GET /x HTTP/1.1\\r\\nHost: test.example\\r\\nX-First: 1\\r\\n\\r\\n'],
  answered: ['HTTP/1.1 200 OK\\r\\n\\r\\n[the connection stays open]'],
  logLines: [],
};
const COMMON = { family: 'bodies', title: 'A body arrives.', section: 'RFC 9112 6' } as const;
const RESULT: ConformanceResult = {
  cases: [
    { ...COMMON, id: 'body', tier: 'forwarding', status: 'passed', evidence: EVIDENCE },
    {
      id: 'connection-names-are-removed',
      tier: 'forwarding',
      family: 'hop-by-hop',
      title: 'Connection and the fields that it names do not go on.',
      section: 'RFC 9110 7.6.1',
      status: 'failed',
      failures: ['the request has x-first ["1"], not []'],
      evidence: EVIDENCE,
    },
    {
      ...COMMON,
      id: 'stream',
      tier: 'strict',
      family: 'streaming',
      status: 'skipped',
      reason: 'bodies are collected whole',
    },
  ],
  tiers: {
    forwarding: { passed: 1, failed: 1, skipped: 0 },
    strict: { passed: 0, failed: 0, skipped: 1 },
  },
  highestTier: null,
  durationMs: 1234,
};
const OPTIONS = { color: false, width: 72, implementation: './my-proxy.ts' };

test('the table comes first, then failures with evidence and command, then skips', () => {
  expect(renderConformance(RESULT, OPTIONS)).toMatchInlineSnapshot(`
    "family      forwarding  strict
    bodies      1/1         -
    hop-by-hop  0/1         -
    streaming   -           1 skipped
    all         1/2         1 skipped

    ./my-proxy.ts: 1 passed, 1 failed, 1 skipped in 1.2 s; highest tier
      without a failure: none

    FAILED connection-names-are-removed (forwarding, hop-by-hop)
      Connection and the fields that it names do not go on. [RFC 9110 7.6.1]
      - the request has x-first ["1"], not []
      sent:
        GET /x HTTP/1.1\\r\\n
        Host: test.example\\r\\n
        Connection: X-First\\r\\n
        \\r\\n
      the origin received:
        GET /x HTTP/1.1\\r\\n
        Host: test.example\\r\\n
        X-First: 1\\r\\n
        \\r\\n
      answered:
        HTTP/1.1 200 OK\\r\\n
        \\r\\n
        [the connection stays open]
      hopmark conform ./my-proxy.ts --case connection-names-are-removed

    Skipped, as the implementation declares:
      - bodies are collected whole
        stream
    "
  `);
});

test('colour changes nothing but colour', () => {
  const colored = renderConformance(RESULT, { ...OPTIONS, color: true });
  expect(colored).not.toBe(renderConformance(RESULT, OPTIONS));
  expect(colored.replace(/\u001b\[\d*m/g, '')).toBe(renderConformance(RESULT, OPTIONS));
});

test.each([40, 72, 120])('no line is wider than %i columns', (width) => {
  const lines = renderConformance(RESULT, { ...OPTIONS, width }).split('\n');
  const tooWide = lines.filter((line) => line.length > width && !line.includes('hopmark conform'));
  expect(tooWide).toEqual([]);
});

test('bytes are shown escaped, and long ones cut in the middle', () => {
  expect(readable(Buffer.from('a\r\n\t\\\0\xff', 'latin1'))).toBe('a\\r\\n\\t\\\\\\x00\\xff');
  expect(readable(Buffer.alloc(1000, 'x'), 10)).toBe('xxxxx[990 bytes left out]xxxxx');
});
