/**
 * The conformance cases that cannot be tried on a proxy because of how it runs, whatever it is: they
 * would need it to be configured anew, or ended, and are skipped with the reason. Pure.
 */
import type { ConformanceCase } from '../../impls/conformance/index.ts';
import type { CaseSkip } from '../../impls/contract.ts';
import type { SutKind } from '../sut/system-under-test.ts';

/** The cases among those given that a proxy of this kind is not held against. */
export function untriable(kind: SutKind, cases: readonly ConformanceCase[]): readonly CaseSkip[] {
  return cases.flatMap((one) => {
    const reason = reasonFor(kind, one);
    return reason === null ? [] : [{ case: one.id, reason }];
  });
}

function reasonFor(kind: SutKind, one: ConformanceCase): string | null {
  if (kind === 'module') return null;
  const steps = one.exchange.client.map((step) => step.do);
  if (steps.includes('reload')) return 'it runs already, and takes no other policy from here';
  if (kind === 'command') return null;
  if (one.policy !== undefined) return 'its configuration is not ours to change';
  if ((one.upstream ?? 'origin') !== 'origin') return 'its upstream is not ours to change';
  if (one.ownProcess || steps.includes('terminate')) return 'its process is not ours to end';
  return null;
}
