/**
 * Runs conformance cases against a proxy, one after another, and says what held. Cases with the
 * same policy and upstream share one running proxy; a case whose proxy died or is in doubt is
 * followed by a fresh one. It never hangs and never throws for what the proxy does.
 */
import type { ConformanceCase, UpstreamKind, UserPolicy } from '../../impls/conformance/case.ts';
import type { CaseSkip, Tier } from '../../impls/contract.ts';
import type { Policy } from '../../impls/policy/policy.ts';
import type { CaseResult, ConformanceResult, TierCounts } from '../model/conformance.ts';
import { withBound } from './bound.ts';
import { describeEvidence } from './evidence.ts';
import { makePolicy } from './make-policy.ts';
import type { OpenProxy, ProxyUnderTest } from './proxy-under-test.ts';
import { runCase } from './run-case.ts';
import { type OriginAddress, TestUpstreams } from './test-upstreams.ts';

export interface ConformanceOptions {
  readonly open: OpenProxy;
  readonly cases: readonly ConformanceCase[];
  /** As the implementation declares them. */
  readonly skips: readonly CaseSkip[];
  /** All ids that exist, where `cases` is a selection: a skip of any of them is in order. */
  readonly knownIds?: readonly string[];
  /** Bound of each wait in milliseconds; 4000 by default. */
  readonly waitMs?: number;
  /** Bound of opening a proxy, in milliseconds; 10,000 by default. */
  readonly openBoundMs?: number;
  /** Where the plain origin listens, for a proxy that forwards there; default: on any free port. */
  readonly originAt?: OriginAddress;
  readonly onProgress?: (progress: ConformanceProgress) => void;
}

export interface ConformanceProgress {
  readonly done: number;
  readonly total: number;
  readonly latest: CaseResult;
}

/** The declared skips are not in order; nothing was run. */
export class SkipRefused extends Error {
  override readonly name = 'SkipRefused';
}

const DEFAULT_WAIT_MS = 4000;
/** How long a proxy may take to be ready, and to be gone. */
const OPEN_BOUND_MS = 10_000;
/** Fresh proxies that answer nothing before the rest of the cases are given up. */
const DEAD_PROXIES = 2;

/** Rejects only with {@link SkipRefused}, or if this machine cannot hold the upstreams. */
export async function runConformance(options: ConformanceOptions): Promise<ConformanceResult> {
  const startedMs = performance.now();
  const skips = acceptSkips(options);
  const results = new Map<string, CaseResult>();
  const record = (result: CaseResult): void => {
    results.set(result.id, result);
    const total = options.cases.length;
    options.onProgress?.({ done: results.size, total, latest: result });
  };
  const runnable: ConformanceCase[] = [];
  for (const one of options.cases) {
    const reason = skips.get(one.id);
    if (reason === undefined) runnable.push(one);
    else record({ ...identify(one), status: 'skipped', reason });
  }
  const upstreams = new TestUpstreams(options.originAt);
  try {
    const run = new Run(options, upstreams);
    for (const group of groupBySetting(runnable)) await run.group(group, record);
  } finally {
    await upstreams.close();
  }
  const cases = options.cases.flatMap((one) => results.get(one.id) ?? []);
  const tiers = countByTier(cases);
  const durationMs = performance.now() - startedMs;
  return { cases, tiers, highestTier: highestTier(tiers), durationMs };
}

/** Reasons by case id. */
function acceptSkips({ cases, skips, knownIds }: ConformanceOptions): Map<string, string> {
  const known = new Set([...(knownIds ?? []), ...cases.map((one) => one.id)]);
  const required = new Set(cases.filter((one) => one.required).map((one) => one.id));
  const reasons = new Map<string, string>();
  for (const skip of skips) {
    if (!known.has(skip.case)) {
      throw new SkipRefused(
        `The implementation skips the case '${skip.case}', which does not exist; ` +
          'remove the skip or correct its id (hopmark conform prints the ids).',
      );
    }
    if (required.has(skip.case)) {
      throw new SkipRefused(
        `The implementation skips the case '${skip.case}', which cannot be skipped: ` +
          'without it no figure of a proxy means anything.',
      );
    }
    if (skip.reason.trim() === '') {
      throw new SkipRefused(`The implementation skips the case '${skip.case}' without a reason.`);
    }
    reasons.set(skip.case, skip.reason);
  }
  return reasons;
}

/** One pass over the groups, with the proxy that is open at the moment. */
class Run {
  readonly #open: OpenProxy;
  readonly #openBoundMs: number;
  readonly #upstreams: TestUpstreams;
  readonly #waitMs: number;
  /** Fresh proxies in a row that could not be opened or answered nothing. */
  #deadInARow = 0;
  #lastDeath = '';

  constructor(options: ConformanceOptions, upstreams: TestUpstreams) {
    this.#open = options.open;
    this.#openBoundMs = options.openBoundMs ?? OPEN_BOUND_MS;
    this.#upstreams = upstreams;
    this.#waitMs = options.waitMs ?? DEFAULT_WAIT_MS;
  }

  async group(
    cases: readonly ConformanceCase[],
    record: (result: CaseResult) => void,
  ): Promise<void> {
    let proxy: ProxyUnderTest | null = null;
    let doubtful = false;
    for (const one of cases) {
      if (this.#deadInARow >= DEAD_PROXIES) {
        record(notRun(one, `not run: ${this.#lastDeath}`));
        continue;
      }
      const opened: ProxyUnderTest | string = proxy ?? (await this.#openFor(one, doubtful));
      if (typeof opened === 'string') {
        this.#deadInARow++;
        this.#lastDeath = opened;
        record(notRun(one, opened));
        continue;
      }
      const origin = await this.#upstreams.originFor(one.upstream ?? 'origin');
      const setting = { proxy: opened, origin, makePolicy, waitMs: this.#waitMs };
      const outcome = await runCase(one, setting);
      if (outcome.failures.length === 0) this.#deadInARow = 0;
      record(judged(one, outcome));
      // What a failed case left behind, such as a late log line, must not disturb the next one.
      doubtful = outcome.doubtful || outcome.failures.length > 0;
      proxy = doubtful ? null : opened;
      if (doubtful) await discard(opened);
    }
    if (proxy !== null) await discard(proxy);
  }

  /** A fresh proxy, or why there is none. One that follows a doubtful one must show that it lives. */
  async #openFor(one: ConformanceCase, afterDoubt: boolean): Promise<ProxyUnderTest | string> {
    const kind: UpstreamKind = one.upstream ?? 'origin';
    let policy: Policy;
    try {
      policy = makePolicy(one.policy ?? {});
    } catch (error) {
      return `the case's policy is refused: ${messageOf(error)}`;
    }
    let proxy: ProxyUnderTest;
    try {
      const upstream = await this.#upstreams.describe(kind);
      const opening = this.#open(policy, upstream);
      proxy = await withBound(opening, this.#openBoundMs, 'the proxy to start');
    } catch (error) {
      return `the proxy did not start: ${messageOf(error)}`;
    }
    if (!afterDoubt || kind !== 'origin') return proxy;
    try {
      await this.#upstreams.passBarrier(proxy, this.#waitMs);
      return proxy;
    } catch (error) {
      await discard(proxy);
      return `the proxy does not answer even when fresh: ${messageOf(error)}`;
    }
  }
}

async function discard(proxy: ProxyUnderTest): Promise<void> {
  await withBound(proxy.kill(), OPEN_BOUND_MS, 'the proxy to be gone').catch(() => {});
}

function judged(one: ConformanceCase, outcome: Awaited<ReturnType<typeof runCase>>): CaseResult {
  const evidence = describeEvidence(outcome.observed);
  const { failures } = outcome;
  return failures.length === 0
    ? { ...identify(one), status: 'passed', evidence }
    : { ...identify(one), status: 'failed', failures, evidence };
}

function notRun(one: ConformanceCase, why: string): CaseResult {
  return { ...identify(one), status: 'failed', failures: [why], evidence: null };
}

function identify(
  one: ConformanceCase,
): Pick<CaseResult, 'id' | 'tier' | 'family' | 'title' | 'section'> {
  const { id, tier, family, title, section } = one;
  return { id, tier, family, title, section };
}

/** Cases that can share a proxy, in the order of each group's first case. */
function groupBySetting(
  cases: readonly ConformanceCase[],
): readonly (readonly ConformanceCase[])[] {
  const groups = new Map<string, ConformanceCase[]>();
  for (const one of cases) {
    const setting: [UpstreamKind, UserPolicy, string] = [
      one.upstream ?? 'origin',
      one.policy ?? {},
      one.ownProcess ? one.id : '',
    ];
    const key = JSON.stringify(setting);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [one]);
    else group.push(one);
  }
  return [...groups.values()];
}

const TIERS: readonly Tier[] = ['forwarding', 'strict', 'policy'];

function countByTier(cases: readonly CaseResult[]): Partial<Record<Tier, TierCounts>> {
  const tiers: Partial<Record<Tier, TierCounts>> = {};
  for (const { tier, status } of cases) {
    const counts = tiers[tier] ?? { passed: 0, failed: 0, skipped: 0 };
    tiers[tier] = { ...counts, [status]: counts[status] + 1 };
  }
  return tiers;
}

function highestTier(tiers: Partial<Record<Tier, TierCounts>>): Tier | null {
  let highest: Tier | null = null;
  for (const tier of TIERS) {
    if (tiers[tier]?.failed !== 0) break;
    highest = tier;
  }
  return highest;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
