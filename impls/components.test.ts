/**
 * Both implementations answer alike, operation by operation, and so does the optimized one with any
 * of its parts left out: what component scenarios compare is the same work.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ProxyComponents } from './contract.ts';
import { createPolicy, type PolicyInput } from './policy/load.ts';
import type { Policy } from './policy/policy.ts';
import { resolveImplementation } from './registry.ts';

const SPECS = [
  'baseline',
  'optimized',
  'optimized?only=none',
  'optimized?without=pattern-cache',
  'optimized?without=decision-cache',
  'optimized?without=header-ranges',
  'optimized?without=pools',
  'optimized?without=snapshot',
];
const RUNS = { seed: 11, numRuns: 300 };
const PEER = '127.0.0.1';

const implementations = await Promise.all(SPECS.map((spec) => resolveImplementation(spec)));

/** New components of each implementation, with what it is called. */
function contestants(): readonly { readonly spec: string; readonly made: ProxyComponents }[] {
  return implementations.map(({ components }, index) => {
    if (components === undefined) throw new Error('an in-tree implementation has no components');
    return { spec: SPECS[index] ?? '', made: components() };
  });
}

/** What the operation gives, by implementation; all have to be what the first gives. */
async function expectAlike<Answer>(
  operation: (made: ProxyComponents) => Promise<Answer>,
): Promise<Answer> {
  const answers = new Map<string, Answer>();
  for (const { spec, made } of contestants()) answers.set(spec, await operation(made));
  const [first] = answers.values();
  for (const [spec, answer] of answers) expect([spec, answer]).toEqual([spec, first]);
  if (first === undefined) throw new Error('nothing was asked');
  return first;
}

const word = fc.constantFrom('api', '42', 'users', 'img', 'a.b', 'x', '', '%2e', 'É');
const path = fc.array(word, { minLength: 1, maxLength: 4 }).map((words) => `/${words.join('/')}`);
const pattern = fc.record({
  source: fc.constantFrom(
    ...[
      '^/api/',
      '/users$',
      '^/x$',
      'img',
      '^/(api|img)/',
      '/[0-9]{1,4}',
      '\\.b',
      '^/[^/]+/x',
      '',
      'É',
    ],
  ),
  flags: fc.constantFrom('', 'i', 's', 'iu'),
});

test('a set of patterns is found in the same subjects', async () => {
  let found = 0;
  const sets = fc.array(pattern, { maxLength: 6 });
  const subjects = fc.array(path, { minLength: 1, maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(sets, subjects, async (set, texts) => {
      const answer = await expectAlike(async (made) => {
        const matcher = made.matcher(set);
        const answers: boolean[] = [];
        for (const text of texts) answers.push(await matcher.matches(text));
        return answers;
      });
      found += answer.filter(Boolean).length;
    }),
    RUNS,
  );
  expect(found).toBeGreaterThan(100);
});

/** Of a head: its line, and the values of each name in their order; what each may write its own way is out. */
function meaning(head: Buffer): unknown {
  const [line, ...fields] = head.toString('latin1').slice(0, -4).split('\r\n');
  const byName = new Map<string, string[]>();
  for (const field of fields) {
    const colon = field.indexOf(':');
    const name = field.slice(0, colon).toLowerCase();
    const value = field.slice(colon + 1).replace(/^[ \t]+|[ \t]+$/g, '');
    // Of the next hop's connection alone.
    if (name === 'connection') continue;
    const plain = name === 'forwarded' ? forwardedMeaning(value) : value;
    byName.set(name, [...(byName.get(name) ?? []), plain]);
  }
  return { line, fields: [...byName].sort(([a], [b]) => (a < b ? -1 : 1)) };
}

/** Parameters stand in any order, and values with quotes or without (RFC 7239 4). */
function forwardedMeaning(value: string): string {
  const elements = value.split(',').map((element) =>
    element
      .trim()
      .split(';')
      .map((parameter) => parameter.replaceAll('"', ''))
      .sort()
      .join(';'),
  );
  return elements.join(', ');
}

const FIELDS = [
  'Accept: */*',
  'X-One: \t two  words\t',
  'Empty:',
  'x-one:\xa0\xff',
  'Cookie: a=b; c="d"',
  'Connection: close, X-One',
  'connection: keep-alive,Via, x-forwarded-for',
  'Keep-Alive: timeout=5',
  'Proxy-Authorization: Basic Zm9vOmJhcg==',
  'TE: trailers, deflate',
  'HTTP2-Settings: AAMAAABkAAQAAP__',
  'Via: 1.0 before',
  'X-Forwarded-For: 192.0.2.1',
  'X-Forwarded-Host: elsewhere',
  'X-Forwarded-Proto: https',
  'X-Forwarded-Port: 8443',
  'Forwarded: for=192.0.2.1;proto=https',
  '__proto__: constructor',
];
const LINES = ['GET / HTTP/1.1', 'DELETE /a?b=c HTTP/1.1', 'OPTIONS http://x:81/y HTTP/1.1'];
const FRAMINGS = [
  '',
  'Content-Length: 5\r\n',
  'content-length:  007 \r\n',
  'Transfer-Encoding: Chunked\r\n',
];

const head = fc
  .tuple(fc.constantFrom(...LINES), fc.subarray(FIELDS), fc.nat(), fc.constantFrom(...FRAMINGS))
  .map(([line, fields, at, framing]) => {
    const lines = [...fields];
    lines.splice(at % (lines.length + 1), 0, 'Host: x:81');
    return Buffer.from(`${line}\r\n${lines.join('\r\n')}\r\n${framing}\r\n`, 'latin1');
  });
const hops = fc.record({
  forwarded: fc.record({
    xForwarded: fc.boolean(),
    forwarded: fc.boolean(),
    via: fc.constantFrom(null, 'hopmark'),
  }),
  trustForwardedFrom: fc.constantFrom([], [PEER]),
});

test('a head goes on as the same message', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(head, { minLength: 1, maxLength: 4 }), hops, async (heads, hop) => {
      const policy = createPolicy(hop);
      const given = heads.map((one) => Buffer.from(one));
      await expectAlike(async (made) => {
        const filter = made.headFilter(policy, PEER);
        const answers: unknown[] = [];
        for (const one of heads) answers.push(meaning(await filter.filter(one)));
        return answers;
      });
      expect(heads).toEqual(given);
    }),
    RUNS,
  );
});

test('a head that goes on has what is added and lacks what is for one hop', async () => {
  const bytes = Buffer.from('GET /a HTTP/1.1\r\nHost: x\r\nConnection: y\r\nY: 1\r\nZ: 2\r\n\r\n');
  const forwarded = await expectAlike(async (made) =>
    meaning(await made.headFilter(createPolicy(), PEER).filter(bytes)),
  );
  expect(forwarded).toEqual({
    line: 'GET /a HTTP/1.1',
    fields: [
      ['host', ['x']],
      ['via', ['1.1 hopmark']],
      ['x-forwarded-for', [PEER]],
      ['x-forwarded-host', ['x']],
      ['x-forwarded-proto', ['http']],
      ['z', ['2']],
    ],
  });
});

type RequestRule = NonNullable<NonNullable<PolicyInput['drop']>['rules']>[number];

const written = pattern.map(({ source, flags }) => ({ pattern: source, flags }));
const match = fc.record(
  {
    path: fc.record({ patterns: fc.array(written, { minLength: 1, maxLength: 3 }) }),
    methods: fc.subarray(['GET', 'DELETE', 'OPTIONS'], { minLength: 1 }),
    headers: fc.record({ 'x-one': written }),
    body: fc.record({ patterns: fc.array(written, { minLength: 1, maxLength: 2 }) }),
  },
  { requiredKeys: [] },
);
const rules = fc
  .array(match, { maxLength: 6 })
  .map((matches) => matches.map((one, i): RequestRule => ({ name: `rule-${i}`, match: one })));
const policies = fc
  .record({
    drop: fc.record({ rules, default: fc.boolean() }),
    logging: fc.record({ rules, default: fc.boolean() }),
  })
  .map((parts): Policy => createPolicy(parts));
const request = fc
  .tuple(
    fc.constantFrom('GET', 'DELETE'),
    path,
    fc.constantFrom('', '?q=/api/'),
    fc.subarray(FIELDS),
  )
  .map(([method, target, query, fields]) => {
    const lines = [`${method} ${encodeURI(target)}${query} HTTP/1.1`, 'Host: x', ...fields];
    return Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1');
  });

test('a request is decided alike, again and again, and after a reload', async () => {
  let decided = 0;
  const requests = fc.array(request, { minLength: 1, maxLength: 5 });
  await fc.assert(
    fc.asyncProperty(policies, policies, requests, async (before, after, heads) => {
      const answers = await expectAlike(async (made) => {
        const decider = made.decider(before);
        const decides = heads.map((one) => decider.request(one));
        const all: unknown[] = [];
        for (let time = 0; time < 3; time += 1) for (const one of decides) all.push(await one());
        await decider.reload(after);
        for (const one of decides) all.push(await one());
        return all;
      });
      decided += answers.filter((one) => JSON.stringify(one).includes('rule-')).length;
    }),
    RUNS,
  );
  expect(decided).toBeGreaterThan(200);
});

test('a body is read to the same length and text', async () => {
  const piece = fc.oneof(
    fc.string({ maxLength: 60 }).map((text) => Buffer.from(text)),
    fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes)),
  );
  const bodies = fc.array(fc.tuple(fc.array(piece, { maxLength: 5 }), fc.boolean()), {
    minLength: 1,
    maxLength: 3,
  });
  await fc.assert(
    fc.asyncProperty(bodies, fc.integer({ min: 1, max: 200 }), async (all, window) => {
      const policy = createPolicy({ limits: { bodyMatch: window } });
      const readings = await expectAlike(async (made) => {
        const reader = made.bodyReader(policy);
        const answers: unknown[] = [];
        for (const [pieces, wantsText] of all) answers.push(await reader.read(pieces, wantsText));
        return answers;
      });
      const lengths = all.map(([pieces]) => Buffer.concat(pieces).length);
      expect(readings).toMatchObject(lengths.map((length) => ({ length })));
    }),
    RUNS,
  );
});

describe.each(SPECS)('buffers of %s', (spec) => {
  test('are large enough, and no two that are out share memory', () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 20_000 }), { minLength: 1, maxLength: 20 });
    const { made } = contestants()[SPECS.indexOf(spec)] ?? {};
    const buffers = made?.buffers();
    fc.assert(
      fc.property(sizes, (wanted) => {
        const out = wanted.map((bytes) => buffers?.take(bytes) ?? Buffer.alloc(0));
        for (const [index, buffer] of out.entries()) buffer.fill(index);
        for (const [index, buffer] of out.entries()) {
          expect(buffer.length).toBeGreaterThanOrEqual(wanted[index] ?? 0);
          expect(buffer.every((byte) => byte === index)).toBe(true);
        }
        for (const buffer of out) buffers?.give(buffer);
      }),
      RUNS,
    );
  });
});
