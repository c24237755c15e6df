/**
 * Policies for cases: the defaults, and what the case says.
 */
import type { UserPolicy } from '../../impls/conformance/case.ts';
import { createPolicy } from '../../impls/policy/load.ts';
import type { Policy } from '../../impls/policy/policy.ts';

/** Throws a PolicyError if the policy is not in order. */
export function makePolicy(policy: UserPolicy): Policy {
  return createPolicy(policy);
}
