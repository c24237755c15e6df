/** The arms of a contest: who is measured in which role, under which policy, and as reports name it. */
import { basename } from 'node:path';
import type { Policy } from '../../impls/policy/policy.ts';
import type { Arm } from '../model/round.ts';
import type { ArmDescription } from '../report/build.ts';
import type { Contest, Floor, Qualified } from './contest.ts';
import { toolVersion } from './version.ts';

/** Direct, the reference, its twin, the candidates, and the floor if there is one. */
export function armsOf(contest: Contest): readonly Arm[] {
  return seatsOf(contest).map(({ arm }) => arm);
}

/** The arms as reports describe them. */
export function describeArms(contest: Contest): readonly ArmDescription[] {
  return seatsOf(contest).map(({ arm, who }) => {
    if (who === null) {
      return { ...arm, kind: 'origin', version: null, tier: null, conformance: null };
    }
    const { spec, identity } = who;
    const builtIn = identity.kind === 'module' && basename(spec) === spec && !spec.includes('.');
    return {
      ...arm,
      kind: builtIn ? 'built-in' : identity.kind,
      version: identity.version ?? (builtIn ? toolVersion() : null),
      tier: 'tier' in who ? who.tier : null,
      conformance: 'tier' in who ? who.conformance : null,
    };
  });
}

/** By arm id, the policy of arms that run another one than the rest. */
export function policiesOf(contest: Contest): Readonly<Record<string, Policy>> {
  return Object.fromEntries(
    seatsOf(contest).flatMap(({ arm, policyOn }) =>
      policyOn ? [[arm.id, contest.fullPolicy]] : [],
    ),
  );
}

/** The ids of arms that are measured with the policy on while the rest run none. */
export function armsWithPolicy(contest: Contest): readonly string[] {
  return Object.keys(policiesOf(contest));
}

interface Seat {
  readonly arm: Arm;
  /** Null: the origin itself. */
  readonly who: Qualified | Floor | null;
  readonly policyOn: boolean;
}

function seatsOf({ reference, candidate, others, withPolicy, floor }: Contest): readonly Seat[] {
  const seat = (id: string, role: Arm['role'], who: Qualified | Floor): Seat => ({
    arm: { id, role, name: who.label, spec: who.spec },
    who,
    policyOn: false,
  });
  const candidates = [candidate, ...others, ...withPolicy].map((who, index) => ({
    ...seat(index === 0 ? 'candidate' : `candidate-${index + 1}`, 'candidate', who),
    policyOn: index > others.length,
  }));
  return [
    { arm: { id: 'direct', role: 'direct', name: 'direct' }, who: null, policyOn: false },
    seat('reference', 'reference', reference),
    seat('twin', 'twin', reference),
    ...candidates,
    ...(floor === null ? [] : [seat('floor', 'floor', floor)]),
  ];
}
