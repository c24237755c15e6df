/**
 * Policies for cases: the defaults, no logging unless a case asks for it, and what the case says.
 */
import type { UserPolicy } from '../../impls/conformance/case.ts';
import type { Policy } from '../../impls/policy/policy.ts';

/** Throws if the policy is not in order. */
export function makePolicy(overrides: UserPolicy): Policy {
  return {
    listen: { host: '127.0.0.1', port: 8080 },
    upstream: 'http://127.0.0.1:1',
    trustForwardedFrom: [],
    forwarded: { xForwarded: true, forwarded: false, via: null },
    logging: { default: false, rules: [] },
    drop: { default: false, rules: [] },
    responseLogging: { default: false, rules: [] },
    redact: { headers: [], query: [] },
    limits: {
      headBytes: 16384,
      targetBytes: 8192,
      headerCount: 100,
      bodyBytes: 10 << 20,
      bodyMatchBytes: 16384,
      headTimeoutMs: 10000,
      bodyTimeoutMs: 30000,
      idleTimeoutMs: 60000,
      connectTimeoutMs: 5000,
      firstByteTimeoutMs: 30000,
      logQueueBytes: 1 << 20,
    },
    ...overrides,
  } as unknown as Policy;
}
