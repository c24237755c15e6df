/**
 * Who competes, and whether they may: each implementation is started, held against conformance,
 * and the comparison runs at the highest tier that all have. A proxy that fails `forwarding` gets
 * no number.
 */
import { basename, join, relative } from 'node:path';
import type { Tier } from '../../impls/contract.ts';
import { createPolicy, loadPolicyFile } from '../../impls/policy/load.ts';
import type { Policy } from '../../impls/policy/policy.ts';
import type { ConformanceResult } from '../model/conformance.ts';
import { HopmarkError } from '../model/error.ts';
import type { ArmConformance } from '../model/report.ts';
import type { Arm } from '../model/round.ts';
import type { Warning } from '../model/warning.ts';
import type { ArmDescription } from '../report/build.ts';
import type { LoopbackAddress } from '../sut/loopback-address.ts';
import {
  claimedCases,
  type HoldOptions,
  holdAgainst,
  type Identity,
  probe,
} from './conformance-run.ts';
import { urlWarnings } from './proxy-url.ts';
import { packageRoot, toolVersion } from './version.ts';

/** One side of a comparison. */
export interface Contender {
  /** A built-in name, a module path, or a URL. */
  readonly spec: string;
  /** What reports call it; default: the spec. */
  readonly label?: string;
}

/** What a comparison asks for. */
export interface ContestRequest {
  readonly reference: Contender;
  readonly candidate: Contender;
  readonly policy?: string;
  readonly fullConformance?: boolean;
  /** Where the origin listens, for proxies given by URL. */
  readonly originAt?: LoopbackAddress;
  /** Ids of conformance cases that nobody is held to in this run. */
  readonly skip?: readonly string[];
}

/** Contestants that may be measured, and under which policy. */
export interface Contest {
  readonly reference: Qualified;
  readonly candidate: Qualified;
  readonly policy: Policy;
  readonly policyFile: string;
  readonly rules: number;
  readonly warnings: readonly Warning[];
}

/** One implementation that has shown that it answers correctly. */
export interface Qualified {
  readonly spec: string;
  /** What reports call it. */
  readonly label: string;
  readonly identity: Identity;
  readonly tier: Tier;
  readonly conformance: ArmConformance;
}

const TIERS: readonly Tier[] = ['forwarding', 'strict', 'policy'];
const NAMED_FAILURES = 3;

/**
 * Qualifies both contestants. Throws a HopmarkError: `user` for a name or a module that is wrong,
 * `sut` with the code `not-conforming` for a proxy that fails `forwarding`.
 */
export async function qualify(
  request: ContestRequest,
  signal: AbortSignal,
  onProgress: (stage: string, line: string) => void,
): Promise<Contest> {
  const path = request.policy ?? join(packageRoot(), 'examples', 'policy.yaml');
  const policy = await loadPolicyFile(path);
  const fast = request.fullConformance !== true;
  const one = (contender: Contender): Promise<Qualified> =>
    qualifyOne(contender, fast, signal, onProgress, request);
  const reference = await one(request.reference);
  const candidate =
    request.candidate.spec === request.reference.spec
      ? { ...reference, label: request.candidate.label ?? request.candidate.spec }
      : await one(request.candidate);
  const shared = commonTier(reference.tier, candidate.tier);
  const warnings = [
    ...[reference, candidate].flatMap((side) => lowerTier(side)),
    ...urlWarnings(reference.spec, candidate.spec),
  ];
  const file = request.policy ?? relative(packageRoot(), path);
  if (shared === 'policy') {
    return { reference, candidate, policy, policyFile: file, rules: countRules(policy), warnings };
  }
  return {
    reference,
    candidate,
    // Rules that only one side applies would be measured as its cost.
    policy: createPolicy({ upstream: policy.upstream }),
    policyFile: `none: the common tier is ${shared}`,
    rules: 0,
    warnings,
  };
}

async function qualifyOne(
  { spec, label = spec }: Contender,
  fast: boolean,
  signal: AbortSignal,
  onProgress: (stage: string, line: string) => void,
  asked: HoldOptions,
): Promise<Qualified> {
  onProgress(`start ${label}`, `${label}: starting`);
  const identity = await probe(spec, signal);
  if (!identity.capabilities.includes('forwarding')) {
    throw new HopmarkError(
      'user',
      'claims-nothing',
      `${label} does not claim to forward correctly (its capabilities lack 'forwarding'), so it can't be compared.`,
      { remedy: `hopmark conform ${spec} --tier forwarding shows what it would have to meet.` },
    );
  }
  const cases = claimedCases(identity, fast);
  const result = await holdAgainst(
    spec,
    identity,
    cases,
    signal,
    ({ done, total }) =>
      onProgress(`conformance ${label}`, `${label}: conformance, ${done} of ${total} cases`),
    asked,
  );
  const tier = result.highestTier;
  if (tier === null) throw notConforming(label, spec, result);
  return { spec, label, identity, tier, conformance: summarize(result, fast) };
}

function notConforming(label: string, spec: string, { cases }: ConformanceResult): HopmarkError {
  const failed = cases.filter(({ status, tier }) => status === 'failed' && tier === 'forwarding');
  const named = failed
    .slice(0, NAMED_FAILURES)
    .map((one) => `${one.id} (${one.status === 'failed' ? one.failures[0] : ''})`);
  const more = failed.length > named.length ? `, and ${failed.length - named.length} more` : '';
  return new HopmarkError(
    'sut',
    'not-conforming',
    `${label} does not forward correctly, so no figure of it is given: it fails ${named.join('; ')}${more}`,
    { remedy: `hopmark conform ${spec} --tier forwarding shows each failure with its bytes.` },
  );
}

function summarize({ cases }: ConformanceResult, fast: boolean): ArmConformance {
  return {
    scope: fast ? 'fast' : 'full',
    passed: cases.filter(({ status }) => status === 'passed').length,
    failed: cases.filter(({ status }) => status === 'failed').length,
    skipped: cases.flatMap((one) =>
      one.status === 'skipped' ? [{ case: one.id, reason: one.reason }] : [],
    ),
  };
}

function commonTier(a: Tier, b: Tier): Tier {
  return TIERS[Math.min(TIERS.indexOf(a), TIERS.indexOf(b))] ?? 'forwarding';
}

/** A claim that conformance did not bear out is a doubt that every reader should see. */
function lowerTier({ label, identity, tier, conformance }: Qualified): readonly Warning[] {
  const claimed = TIERS.findLast((one) => identity.capabilities.includes(one));
  if (claimed === undefined || claimed === tier) return [];
  return [
    {
      code: 'lower-tier',
      message: `${label} claims the tier ${claimed} and reached ${tier}: ${conformance.failed} of its conformance cases fail.`,
    },
  ];
}

function countRules({ logging, drop, responseLogging }: Policy): number {
  return logging.rules.length + drop.rules.length + responseLogging.rules.length;
}

/** The arms of a comparison: direct, reference, its twin, candidate. */
export function armsOf({ reference, candidate }: Contest): readonly Arm[] {
  return [
    { id: 'direct', role: 'direct', name: 'direct' },
    { id: 'reference', role: 'reference', name: reference.label, spec: reference.spec },
    { id: 'twin', role: 'twin', name: reference.label, spec: reference.spec },
    { id: 'candidate', role: 'candidate', name: candidate.label, spec: candidate.spec },
  ];
}

/** The arms as reports describe them. */
export function describeArms(contest: Contest): readonly ArmDescription[] {
  return armsOf(contest).map((arm) => {
    if (arm.role === 'direct') {
      return { ...arm, kind: 'origin', version: null, tier: null, conformance: null };
    }
    const { spec, identity, tier, conformance } =
      arm.role === 'candidate' ? contest.candidate : contest.reference;
    const builtIn = identity.kind === 'module' && basename(spec) === spec && !spec.includes('.');
    return {
      ...arm,
      kind: builtIn ? 'built-in' : identity.kind,
      version: identity.version ?? (builtIn ? toolVersion() : null),
      tier,
      conformance,
    };
  });
}
