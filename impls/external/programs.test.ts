/**
 * The programs that are not ours, where they are installed: each meets the cases of the tiers that it
 * claims, but for those that it declares. Where CI is set, nginx and haproxy have to be there.
 */
import { describe, expect, test } from 'vitest';
import { claimedCases, holdAgainst, probe } from '../../harness/cli/conformance-run.ts';
import { fillDefinition } from '../../harness/sut/external-config.ts';
import { findProgram } from '../../harness/sut/program.ts';
import type { ExternalImplementation } from '../contract.ts';
import { createPolicy } from '../policy/load.ts';
import caddy from './caddy.ts';
import envoy from './envoy.ts';
import haproxy from './haproxy.ts';
import nginx from './nginx.ts';

const { signal } = new AbortController();

const isMissing = ({ command }: ExternalImplementation): boolean =>
  findProgram(command, '/', process.env.PATH ?? '') === null;

/** With the versions whose deviations their definitions declare. */
const PROGRAMS = [
  [nginx, '1.22.', true],
  [haproxy, '2.6.', true],
  [caddy, '2.6.', false],
  [envoy, '', false],
] as const;

describe.each(PROGRAMS.map((one) => [one[0].name, ...one] as const))(
  '%s',
  (name, definition, declaredFor, expectedInCi) => {
    const skipped = isMissing(definition) && !(expectedInCi && process.env.CI === 'true');

    test.skipIf(skipped)(
      'meets every case of the tiers that it claims but those that it declares',
      async () => {
        const identity = await probe(name, signal);
        expect(identity.version).toMatch(/^\d+\.\d+/);
        const cases = claimedCases(identity, false);
        const result = await holdAgainst(name, identity, cases, signal, () => {});
        expect(failuresOf(result.cases)).toEqual([]);
        expect(result.highestTier).toBe('forwarding');
      },
    );

    test.skipIf(skipped)('could not meet what it declares', async (context) => {
      const identity = await probe(name, signal);
      if (identity.version?.startsWith(declaredFor) !== true) {
        context.skip(`declared for ${declaredFor}x, not for ${identity.version}`);
      }
      const declared = identity.skips.map((skip) => skip.case);
      const cases = claimedCases(identity, false).filter(({ id }) => declared.includes(id));
      const frank = { ...identity, skips: [] };
      const result = await holdAgainst(name, frank, cases, signal, () => {});
      expect(result.cases.filter(({ status }) => status === 'passed')).toEqual([]);
    });

    test('uses no placeholder that does not exist, and says how to get it', () => {
      const filled = fillDefinition(definition, {
        spec: name,
        port: 4000,
        upstream: { protocol: 'http:', host: '127.0.0.1', port: 9000 },
        policy: createPolicy(),
        logPath: '/dev/null',
        files: { folder: '/f', config: '/f/c', policy: '/f/p', upstreamCa: '/f/ca' },
      });
      expect(filled.config).toContain('4000');
      expect(filled.config).not.toContain('{{');
      expect(definition.install).toMatch(/\.$/);
    });
  },
);

test('the configuration of envoy is JSON, with numbers as protobuf writes durations', () => {
  const text = envoy.configTemplate ?? '';
  expect(() => JSON.parse(text)).not.toThrow();
  expect(text).toContain('{{limits.idleTimeoutSeconds}}s');
});

type Case = Awaited<ReturnType<typeof holdAgainst>>['cases'][number];

function failuresOf(cases: readonly Case[]): readonly string[] {
  return cases.flatMap((one) =>
    one.status === 'failed' ? [`${one.id}: ${one.failures.join('; ')}`] : [],
  );
}
