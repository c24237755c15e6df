/**
 * Who competes, and whether they may: each implementation is started, held against conformance,
 * and the comparison runs at the highest tier that all have. A proxy that fails `forwarding` gets
 * no number.
 */
import { join, relative } from 'node:path';
import type { Tier } from '../../impls/contract.ts';
import { createPolicy, loadPolicyFile } from '../../impls/policy/load.ts';
import type { Policy } from '../../impls/policy/policy.ts';
import type { ConformanceResult } from '../model/conformance.ts';
import { HopmarkError } from '../model/error.ts';
import type { ArmConformance, LeftOut } from '../model/report.ts';
import type { TrafficConditions } from '../model/scenario.ts';
import type { Warning } from '../model/warning.ts';
import { withExtraRules } from '../scenarios/extra-rules.ts';
import type { LoopbackAddress } from '../sut/loopback-address.ts';
import {
  claimedCases,
  type HoldOptions,
  holdAgainst,
  type Identity,
  probe,
} from './conformance-run.ts';
import { urlWarnings } from './proxy-url.ts';
import { packageRoot } from './version.ts';

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
  /** Measured beside them and judged by nothing: what nobody can go below. */
  readonly floor?: Contender;
  readonly policy?: string;
  /** By spec, who has qualified or is about to, in a run of several scenarios; added to. */
  readonly known?: Map<string, Promise<Qualified>>;
  /** Of the scenario; conformance is tried without them. */
  readonly conditions?: TrafficConditions;
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
  /** Further candidates, of a ranking. */
  readonly others: readonly Qualified[];
  /** Those of a ranking that are measured once more with the policy on. */
  readonly withPolicy: readonly Qualified[];
  readonly floor: Floor | null;
  /** What was to be ranked and may not be measured. */
  readonly leftOut: readonly LeftOut[];
  /** The highest that all have passed. */
  readonly tier: Tier;
  readonly policy: Policy;
  /** The policy of those that are measured with it on. */
  readonly fullPolicy: Policy;
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

/** What is shown and never ranked needs no tier: its answers are checked all the same. */
export type Floor = Pick<Qualified, 'spec' | 'label' | 'identity'>;

const TIERS: readonly Tier[] = ['forwarding', 'strict', 'policy'];
const NAMED_FAILURES = 3;

/**
 * Qualifies both contestants. Throws a HopmarkError: `user` for a name or a module that is wrong,
 * `sut` with the code `not-conforming` for a proxy that fails `forwarding`.
 */
export async function qualify(
  request: ContestRequest,
  signal: AbortSignal,
  onProgress: OnStage,
): Promise<Contest> {
  const rules = await loadRules(request);
  const fast = request.fullConformance !== true;
  const one = async (contender: Contender): Promise<Qualified> => {
    const entrant = await enter(contender, signal, onProgress);
    return holdTo(entrant, { ...request, fast }, signal, onProgress);
  };
  const once = (contender: Contender): Promise<Qualified> => {
    const qualified = request.known?.get(contender.spec) ?? one(contender);
    request.known?.set(contender.spec, qualified);
    return qualified;
  };
  const reference = await once(request.reference);
  const candidate =
    request.candidate.spec === request.reference.spec
      ? { ...reference, label: request.candidate.label ?? request.candidate.spec }
      : await once(request.candidate);
  return {
    reference,
    candidate,
    others: [],
    withPolicy: [],
    floor: await enterFloor(request.floor, signal, onProgress),
    leftOut: [],
    ...commonGround([reference, candidate], rules),
  };
}

/** Told what is done now: a stage, and a line about it. */
export type OnStage = (stage: string, line: string) => void;

/** A policy file as it was read. */
export interface Rules {
  readonly policy: Policy;
  readonly file: string;
}

/** The rules that a user names, or those of the example, and those that the scenario adds. */
export async function loadRules({
  policy: named,
  conditions,
}: Pick<ContestRequest, 'policy' | 'conditions'>): Promise<Rules> {
  const path = named ?? join(packageRoot(), 'examples', 'policy.yaml');
  const policy = await loadPolicyFile(path);
  return {
    policy: withExtraRules(policy, conditions?.extraRules ?? 0),
    file: named ?? relative(packageRoot(), path),
  };
}

/** An implementation that can be started, and what it says of itself. */
export interface Entrant {
  readonly spec: string;
  readonly label: string;
  readonly identity: Identity;
}

/** Starts a contender once. Throws a user's HopmarkError if it claims not even to forward. */
export async function enter(
  { spec, label = spec }: Contender,
  signal: AbortSignal,
  onProgress: OnStage,
): Promise<Entrant> {
  onProgress(`start ${label}`, `${label}: starting`);
  const identity = await probe(spec, signal);
  if (identity.capabilities.includes('forwarding')) return { spec, label, identity };
  throw new HopmarkError(
    'user',
    'claims-nothing',
    `${label} does not claim to forward correctly (its capabilities lack 'forwarding'), so it can't be compared.`,
    {
      remedy: `hopmark conform ${spec} --tier forwarding shows what it would have to meet; --floor ${spec} shows it unranked.`,
    },
  );
}

/** Starts a floor once, whatever it claims. */
export async function enterFloor(
  floor: Contender | undefined,
  signal: AbortSignal,
  onProgress: OnStage,
): Promise<Floor | null> {
  if (floor === undefined) return null;
  const { spec, label = spec } = floor;
  onProgress(`start ${label}`, `${label}: starting`);
  return { spec, label, identity: await probe(spec, signal) };
}

/** Holds an entrant against what it claims. Throws {@link NotConforming} if it does not forward. */
export async function holdTo(
  entrant: Entrant,
  asked: HoldOptions & { readonly fast: boolean },
  signal: AbortSignal,
  onProgress: OnStage,
): Promise<Qualified> {
  const { spec, label, identity } = entrant;
  const cases = claimedCases(identity, asked.fast);
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
  if (tier === null) throw new NotConforming(entrant, result);
  return { spec, label, identity, tier, conformance: summarize(result, asked.fast) };
}

/** What contestants are measured on: their highest common tier, and the policy if all have it. */
export function commonGround(
  contestants: readonly Qualified[],
  { policy, file }: Rules,
): Pick<Contest, 'tier' | 'policy' | 'fullPolicy' | 'policyFile' | 'rules' | 'warnings'> {
  const tier =
    TIERS[Math.min(...contestants.map((one) => TIERS.indexOf(one.tier)))] ?? 'forwarding';
  const warnings = [
    ...contestants.flatMap(lowerTier),
    ...urlWarnings(contestants.map(({ spec }) => spec)),
  ];
  const shared = { tier, fullPolicy: policy, warnings };
  if (tier === 'policy') {
    return { ...shared, policy, policyFile: file, rules: countRules(policy) };
  }
  return {
    ...shared,
    // Rules that only one side applies would be measured as its cost.
    policy: createPolicy({ upstream: policy.upstream }),
    policyFile: `none: the common tier is ${tier}`,
    rules: 0,
  };
}

/** A proxy that does not forward correctly. */
export class NotConforming extends HopmarkError {
  /** A clause: `it fails body-of-one-byte (...), and 3 more`. */
  readonly failures: string;

  constructor({ label, spec }: Entrant, { cases }: ConformanceResult) {
    const failed = cases.filter(({ status, tier }) => status === 'failed' && tier === 'forwarding');
    const named = failed
      .slice(0, NAMED_FAILURES)
      .map((one) => `${one.id} (${one.status === 'failed' ? one.failures[0] : ''})`);
    const more = failed.length > named.length ? `, and ${failed.length - named.length} more` : '';
    const failures = `it fails ${named.join('; ')}${more}`;
    super(
      'sut',
      'not-conforming',
      `${label} does not forward correctly, so no figure of it is given: ${failures}`,
      { remedy: `hopmark conform ${spec} --tier forwarding shows each failure with its bytes.` },
    );
    this.failures = failures;
  }
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
