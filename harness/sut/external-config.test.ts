import { expect, test } from 'vitest';
import type { ExternalImplementation } from '../../impls/contract.ts';
import { createPolicy } from '../../impls/policy/load.ts';
import { type ExternalSetting, fillDefinition } from './external-config.ts';

const SETTING: ExternalSetting = {
  spec: './mine.ts',
  port: 4000,
  upstream: { protocol: 'http:', host: '127.0.0.1', port: 9000 },
  policy: createPolicy({ limits: { idleTimeout: '1500ms', body: '2KB' } }),
  logPath: '/tmp/lines.log',
  files: { folder: '/tmp/own', config: '/tmp/c', policy: '/tmp/p.json', upstreamCa: '/tmp/ca' },
};

function fill(definition: Partial<ExternalImplementation>) {
  const whole = { contractVersion: 1, name: 'x', capabilities: [], command: 'x', ...definition };
  return fillDefinition(whole, SETTING);
}

test('placeholders are filled in wherever they may stand, several times', () => {
  expect(
    fill({
      args: ['{{port}}', '--to={{upstreamHost}}:{{upstreamPort}}', 'plain'],
      env: { CONFIG: '{{configFile}}', CA: '{{upstreamCaFile}}' },
      configTemplate:
        'listen {{host}}:{{port}}; {{upstreamUrl}} {{logFile}} {{policyFile}} {{port}}',
    }),
  ).toEqual({
    args: ['4000', '--to=127.0.0.1:9000', 'plain'],
    env: { CONFIG: '/tmp/c', CA: '/tmp/ca' },
    config: 'listen 127.0.0.1:4000; http://127.0.0.1:9000 /tmp/lines.log /tmp/p.json 4000',
  });
});

test('limits come in the units of the policy, and times in seconds too', () => {
  const text = '{{limits.idleTimeoutMs}} {{limits.idleTimeoutSeconds}} {{limits.bodyBytes}}';
  expect(fill({ configTemplate: text }).config).toBe('1500 1.5 2048');
});

test('what is no placeholder stays: single braces, dollars, other templates', () => {
  const text = 'location / { set $a "{b}"; } {$ENV} %[src] { {port} } {{ port }}';
  expect(fill({ configTemplate: text }).config).toBe(text);
});

test('an unknown placeholder is named, with those that there are', () => {
  const attempt = (): unknown => fill({ args: ['{{listenPort}}'] });
  expect(attempt).toThrow('./mine.ts uses the placeholder {{listenPort}}');
  expect(attempt).toThrow(
    expect.objectContaining({ side: 'user', remedy: expect.stringContaining('{{port}}') }),
  );
});

test('a definition without a configuration has none', () => {
  expect(fill({})).toEqual({ args: [], env: {}, config: null });
});
