import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createPolicy, loadPolicy, loadPolicyFile, PolicyError } from './load.ts';

const UPSTREAM = 'upstream: http://127.0.0.1:9000\n';

/** The lines of the refusal of a text, without the first. */
function problemsOf(text: string, fileName = 'p.yaml'): string[] {
  return refusal(() => loadPolicy(text, fileName))
    .message.split('\n')
    .slice(1);
}

function refusal(load: () => unknown): PolicyError {
  try {
    load();
  } catch (error) {
    if (error instanceof PolicyError) return error;
    throw error;
  }
  throw new Error('it was not refused');
}

describe('a policy that is valid', () => {
  test('gets every default that it leaves out', () => {
    const policy = loadPolicy(UPSTREAM, 'p.yaml');
    expect(policy).toEqual(createPolicy({ upstream: 'http://127.0.0.1:9000' }));
    expect(policy.limits).toEqual({
      headBytes: 32_768,
      targetBytes: 8192,
      headerCount: 100,
      bodyBytes: 10_485_760,
      bodyMatchBytes: 16_384,
      headTimeoutMs: 10_000,
      bodyTimeoutMs: 30_000,
      idleTimeoutMs: 60_000,
      connectTimeoutMs: 5000,
      firstByteTimeoutMs: 30_000,
      logQueueBytes: 1_048_576,
    });
    expect(policy.drop).toEqual({ default: false, rules: [] });
    expect(policy.redact.headers).toContain('x-api-key');
    expect(policy.redact.query).toContain('access_token');
  });

  test('means the same in YAML and in JSON', () => {
    const input = {
      upstream: 'https://origin.example',
      limits: { head: '16KB', headTimeout: '1.5s', bodyTimeout: 20, body: 0 },
      logging: { default: true, rules: [{ name: 'a', match: {}, timeout: '2m' }] },
    };
    const json = JSON.stringify(input);
    const policy = loadPolicy(json, 'p.json');
    expect(loadPolicy(json, 'p.yaml')).toEqual(policy);
    expect(createPolicy(input)).toEqual(policy);
    expect(policy.limits).toMatchObject({
      headBytes: 16_384,
      headTimeoutMs: 1500,
      bodyTimeoutMs: 20,
      bodyBytes: 0,
    });
    expect(policy.logging.rules).toEqual([
      {
        name: 'a',
        match: {},
        capture: { method: true, path: true, headers: false, body: false, timing: true },
        timeoutMs: 120_000,
      },
    ]);
  });

  test('is plain data that survives a way to another process', () => {
    const policy = createPolicy({
      drop: { rules: [{ name: 'a', match: { headers: { ['__proto__']: 'x' } } }] },
    });
    expect(structuredClone(policy)).toEqual(policy);
    expect(JSON.parse(JSON.stringify(policy))).toEqual(policy);
  });

  test('has its names in lower case, its classes as ranges and its patterns with sorted flags', () => {
    const policy = createPolicy({
      drop: {
        rules: [{ name: 'a', match: { headers: { 'X-A': { pattern: 'b', flags: 'ui' } } } }],
      },
      responseLogging: { rules: [{ name: 'b', match: { statusCodes: ['5xx', 404, [200, 204]] } }] },
      redact: { headers: ['X-Secret'], query: ['Token'] },
    });
    expect(policy.drop.rules[0]?.match.headers).toEqual({ 'x-a': { source: 'b', flags: 'iu' } });
    expect(policy.drop.rules[0]?.response).toEqual({ statusCode: 403, body: '', headers: {} });
    expect(policy.responseLogging.rules[0]?.match.statusCodes).toEqual([
      [500, 599],
      404,
      [200, 204],
    ]);
    expect(policy.redact.headers.slice(0, 4)).toEqual([
      'authorization',
      'cookie',
      'set-cookie',
      'proxy-authorization',
    ]);
    expect(policy.redact.headers[4]).toBe('x-secret');
    expect(policy.redact.query).toEqual(['token']);
  });

  test('may name a header __proto__: it is data', () => {
    const rule = '{name: a, match: {headers: {__proto__: x}}, response: {headers: {__proto__: y}}}';
    const policy = loadPolicy(`${UPSTREAM}drop: {rules: [${rule}]}`, 'p.yaml');
    expect(Object.entries(policy.drop.rules[0]?.match.headers ?? {})).toEqual([
      ['__proto__', { source: 'x', flags: '' }],
    ]);
    expect(Object.entries(policy.drop.rules[0]?.response.headers ?? {})).toEqual([
      ['__proto__', 'y'],
    ]);
  });
});

describe('a policy that is wrong', () => {
  test('is refused with all problems, each with its place, what was found and what was expected', () => {
    const text = [
      'upstream: ftp://x',
      'limits: {head: 12parsecs, headTimeot: 3s}',
      'drop:',
      '  rules:',
      '    - name: a',
      "      match: {path: {patterns: ['(a+)+$', '[']}, methods: [G T]}",
    ].join('\n');
    expect(problemsOf(text)).toEqual([
      'p.yaml:1:11  upstream: found "ftp://x", expected an http or https URL without path, query or credentials, such as http://127.0.0.1:9000',
      'p.yaml:2:16  limits.head: found "12parsecs", expected a size such as 64KB or 10MB, from 256 to 1048576 bytes',
      'p.yaml:2:27  limits.headTimeot: found an unknown key, expected headTimeout (the nearest known key)',
      expect.stringMatching(
        /^p\.yaml:6:33 {2}drop\.rules\[0\]\.match\.path\.patterns\[0\]: found "\(a\+\)\+\$", expected a pattern .*million steps/,
      ),
      expect.stringMatching(
        /^p\.yaml:6:43 {2}drop\.rules\[0\]\.match\.path\.patterns\[1\]: found "\[".*Unterminated/,
      ),
      'p.yaml:6:60  drop.rules[0].match.methods[0]: found "G T", expected a method name such as GET',
    ]);
  });

  test.each([
    ['limits: {head: 10}', 'limits.head', 'a size'],
    ['limits: {head: 1.5}', 'limits.head', 'a size'],
    ['limits: {headTimeout: 0}', 'limits.headTimeout', 'a duration'],
    ['limits: {headTimeout: 3 days}', 'limits.headTimeout', 'a duration'],
    ['limits: {bodyMatch: 1MB}', 'limits.bodyMatch', 'a size'],
    ['limits: {headers: many}', 'limits.headers', 'a number of header fields'],
    ['listen: {port: 70000}', 'listen.port', 'a port'],
    ['trustForwardedFrom: [10.0.0.0/33]', 'trustForwardedFrom[0]', 'an IP address'],
    ['trustForwardedFrom: [localhost]', 'trustForwardedFrom[0]', 'an IP address'],
    ['forwarded: {via: "a b"}', 'forwarded.via', 'a name of token characters'],
    ['logging: [1]', 'logging', 'a map'],
    ['logging: {default: "yes"}', 'logging.default', 'true or false'],
    ['logging: {rules: [{name: a}]}', 'logging.rules[0].match', 'a map'],
    [
      'logging: {rules: [{name: a, match: {methods: []}}]}',
      'logging.rules[0].match.methods',
      'at least one',
    ],
    [
      'logging: {rules: [{name: a, match: {}, timeout: soon}]}',
      'logging.rules[0].timeout',
      'a duration',
    ],
    [
      'logging: {rules: [{name: a, match: {}}, {name: a, match: {}}]}',
      'logging.rules[1].name',
      'a name that no other',
    ],
    [
      'drop: {rules: [{name: a, match: {headers: {"a b": x}}}]}',
      'drop.rules[0].match.headers["a b"]',
      'a header name',
    ],
    [
      'drop: {rules: [{name: a, match: {headers: {a: x, A: y}}}]}',
      'drop.rules[0].match.headers.A',
      'each header name once',
    ],
    [
      'drop: {rules: [{name: a, match: {path: {patterns: [{pattern: a, flags: g}]}}}]}',
      'drop.rules[0].match.path.patterns[0]',
      'only the flags',
    ],
    [
      'drop: {rules: [{name: a, match: {}, response: {statusCode: 101}}]}',
      'drop.rules[0].response.statusCode',
      'a status code from 200',
    ],
    [
      'drop: {rules: [{name: a, match: {}, response: {statusCode: 204, body: x}}]}',
      'drop.rules[0].response.body',
      'no body',
    ],
    [
      'drop: {rules: [{name: a, match: {}, response: {headers: {Content-Length: "3"}}}]}',
      'drop.rules[0].response.headers.Content-Length',
      'a header that does not',
    ],
    [
      'drop: {rules: [{name: a, match: {}, response: {headers: {Connection: close}}}]}',
      'drop.rules[0].response.headers.Connection',
      'a header that does not',
    ],
    [
      'drop: {rules: [{name: a, match: {}, response: {headers: {X: "a\\r\\nB: c"}}}]}',
      'drop.rules[0].response.headers.X',
      'a value of one line',
    ],
    [
      'responseLogging: {rules: [{name: a, match: {statusCodes: [[599, 500]]}}]}',
      'responseLogging.rules[0].match.statusCodes[0]',
      'a range from low to high',
    ],
    [
      'responseLogging: {rules: [{name: a, match: {statusCodes: [9]}}]}',
      'responseLogging.rules[0].match.statusCodes[0]',
      'a status code from 100',
    ],
    ['redact: {headers: ["a b"]}', 'redact.headers[0]', 'a header name'],
    ['__proto__: {}', '__proto__', 'one of'],
  ])('%s is refused at %s: expected %s', (text, key, expected) => {
    const problems = refusal(() => loadPolicy(UPSTREAM + text, 'p.yaml')).problems;
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatchObject({ file: 'p.yaml', line: 2, key });
    expect(problems[0]?.expected.startsWith(expected), problems[0]?.expected).toBe(true);
  });

  test.each([
    'http://h/path',
    'http://h?x',
    'http://u:p@h',
    'http://',
    'h:80',
    'http://h:0',
    'http://h:99999',
    '',
  ])('the upstream %j is refused', (upstream) => {
    expect(refusal(() => createPolicy({ upstream })).problems[0]?.key).toBe('upstream');
  });

  test('a body pattern is judged by the window that the limits give it', () => {
    const withWindow = (bodyMatch: string): unknown =>
      createPolicy({
        limits: { bodyMatch },
        drop: { rules: [{ name: 'a', match: { body: { patterns: ['[a-z]{80}x'] } } }] },
      });
    expect(withWindow('8KB')).toBeTruthy();
    expect(refusal(() => withWindow('64KB')).message).toContain('65536 characters');
  });

  test('a policy made in code has no place in a text', () => {
    const error = refusal(() => createPolicy({ upstream: 'x' }));
    expect(error.problems[0]).toMatchObject({ line: 0, column: 0 });
    expect(error.message).toContain('\npolicy  upstream: found "x", expected ');
  });
});

describe('a text that is no policy', () => {
  test.each([
    ['', 'p.yaml:1:1  found an empty file'],
    ['# nothing\n', 'p.yaml:1:1  found an empty file'],
    ['- 1', 'p.yaml:1:1  found [1], expected a map'],
    ['a: 1\na: 2', 'p.yaml:2:1  found an error (Map keys must be unique)'],
    ['a: [', 'p.yaml:1:5  found an error'],
    ['--- \na: 1\n---\nb: 1', 'p.yaml:3:1  found 2 documents, expected one'],
    ['upstream: !!js/function x', 'p.yaml:1:11  found an error (Unresolved tag'],
  ])('%j is refused: %s', (text, expected) => {
    expect(problemsOf(text)[0]).toContain(expected);
  });

  test('a bomb of aliases is refused before it unfolds', () => {
    const levels = Array.from({ length: 12 }, (_, i) => {
      const items =
        i === 0
          ? 'x, x'
          : Array(9)
              .fill(`*a${i - 1}`)
              .join(', ');
      return `a${i}: &a${i} [${items}]`;
    });
    expect(problemsOf(levels.join('\n'))[0]).toContain('expected at most 50 uses of aliases');
  });

  test('JSON is strict in a file named so, and its errors have a place', () => {
    const [problem] = problemsOf('{"upstream": "http://x", // why\n}', 'p.json');
    expect(problem).toMatch(/^p\.json:1:26 {2}found an error .*expected valid JSON$/);
    expect(problemsOf('{"upstream": 3}', 'p.json')[0]).toContain('p.json:1:14  upstream: found 3');
  });
});

describe('a policy file', () => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'policy-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  const refusalOf = async (path: string): Promise<PolicyError> =>
    loadPolicyFile(path).then(
      () => Promise.reject(new Error('it was not refused')),
      (error: unknown) => {
        if (error instanceof PolicyError) return error;
        throw error;
      },
    );

  test('that is the example holds 20 rules of every kind', async () => {
    const example = fileURLToPath(new URL('../../examples/policy.yaml', import.meta.url));
    const policy = await loadPolicyFile(example);
    const sets = [policy.drop.rules, policy.logging.rules, policy.responseLogging.rules];
    expect(sets.map((rules) => rules.length)).toEqual([8, 8, 4]);
    const waiting = [...policy.drop.rules, ...policy.logging.rules].filter(
      (rule) => rule.match.body,
    );
    expect(waiting.length).toBeGreaterThan(0);
    for (const { match } of waiting) expect(match.methods).not.toContain('GET');
  });

  test('that is missing, a directory, empty, binary or huge is one clear error', async () => {
    const missing = join(folder, 'none.yaml');
    expect((await refusalOf(missing)).message).toContain(
      `${missing}:1:1  found no such file, expected a policy`,
    );
    expect((await refusalOf(folder)).message).toContain('found a directory');
    const empty = join(folder, 'empty.yaml');
    await writeFile(empty, '');
    expect((await refusalOf(empty)).message).toContain('found an empty file');
    const binary = join(folder, 'binary.yaml');
    await writeFile(binary, Buffer.from([0x61, 0xff, 0xfe]));
    expect((await refusalOf(binary)).message).toContain('found bytes that are not UTF-8');
    const huge = join(folder, 'huge.yaml');
    await writeFile(huge, '#'.repeat((1 << 20) + 1));
    expect((await refusalOf(huge)).message).toContain('found a file of 1048577 bytes');
  });

  test.skipIf(process.getuid?.() === 0)('that may not be read is one clear error', async () => {
    const secret = join(folder, 'secret.yaml');
    await writeFile(secret, UPSTREAM);
    await chmod(secret, 0);
    expect((await refusalOf(secret)).message).toContain('found a file that may not be read');
  });
});
