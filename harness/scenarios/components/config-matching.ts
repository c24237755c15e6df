/**
 * The scenario `config-matching`: which drop rule and which logging rule a request selects, under a
 * configuration of 10, 100 or 1,000 rules. How an implementation gets at its configuration, through
 * a lock or a snapshot, is part of the operation.
 */
import type { Eventually, RequestDecider, RequestDecision } from '../../../impls/contract.ts';
import type { Policy, RequestMatch } from '../../../impls/policy/policy.ts';
import type { ComponentCase, ComponentScenario } from '../../model/component.ts';
import { createRandom, type Random } from '../../model/random.ts';
import { headOf, targetOf } from './head-operands.ts';
import { createOperation } from './operation.ts';
import { type PatternWithPath, patternsFrom } from './pattern-operands.ts';

const SIZES = [10, 100, 1000] as const;
const FIELDS = 10;
/** Different requests, and how many are asked in a row before it begins again. */
const REQUESTS = 128;
const ASKED = 4096;
/** Caches keep what they have seen more than once. */
const SEEN_BEFOREHAND = 2;
/** So few that a reload weighs: real ones are hours apart. */
const DECISIONS_A_RELOAD = 128;
/** Requests at first; `refresh` makes as many as are asked for. */
const NEW_REQUESTS = 64;

export const CONFIG_MATCHING: ComponentScenario = {
  name: 'config-matching',
  title: 'which drop and logging rule a request selects',
  description:
    'Half the rules drop, half log; each has a path condition, a fifth also methods, a fifth also a header condition. rules-N: 128 different requests of 10 fields, as popular as targets of a web site are, one in ten matching a rule, all of them seen before. reload-N: the same with another policy put in force before every 128th decision. new-paths-100: no path is ever seen twice, so that nothing that was kept helps.',
  revision: 1,
  cases: [
    ...SIZES.map((size) => known(`rules-${size}`, `${size} rules`, size, false)),
    ...SIZES.map((size) => known(`reload-${size}`, `${size} rules, reloaded often`, size, true)),
    unknown(100),
  ],
};

type Decide = () => Eventually<RequestDecision>;

function known(name: string, title: string, size: number, reloads: boolean): ComponentCase {
  return {
    name,
    title,
    prepare: async (components, { policy, seed }) => {
      const random = createRandom(seed);
      const rules = patternsFrom(0, size, random);
      const withRules = (): Policy => policyOf(policy, rules, createRandom(seed));
      const decider = components.decider(withRules());
      const requests = Array.from({ length: REQUESTS }, () =>
        decider.request(requestFor(rules, random)),
      );
      // A reload forgets it all again.
      for (let time = 0; time < SEEN_BEFOREHAND && !reloads; time += 1) {
        for (const decide of requests) await decide();
      }
      const asked = popular(requests, random);
      return createOperation<Decide, RequestDecision>({
        operands: asked,
        act: reloads
          ? reloadingNowAndThen(decider, [withRules(), withRules()])
          : (decide) => decide(),
        score: scoreOf,
        describe: ({ drop, logging }) => `${drop} ${logging}`,
      });
    },
  };
}

function unknown(size: number): ComponentCase {
  return {
    name: `new-paths-${size}`,
    title: `${size} rules, paths never seen before`,
    prepare: (components, { policy, seed }) => {
      const random = createRandom(seed);
      const rules = patternsFrom(0, size, random);
      const decider = components.decider(policyOf(policy, rules, createRandom(seed)));
      let serial = 0;
      const newRequests = (count: number): readonly Decide[] =>
        Array.from({ length: count }, () => {
          serial += 1;
          return decider.request(headOf(`${targetOf(random)}-${serial}`, FIELDS, random));
        });
      return createOperation<Decide, RequestDecision>({
        operands: newRequests(NEW_REQUESTS),
        act: (decide) => decide(),
        score: scoreOf,
        describe: ({ drop, logging }) => `${drop} ${logging}`,
        refresh: newRequests,
      });
    },
  };
}

/** Before every so manieth decision another policy of the same rules is put in force. */
function reloadingNowAndThen(
  decider: RequestDecider,
  policies: readonly Policy[],
): (decide: Decide) => Eventually<RequestDecision> {
  let count = 0;
  return (decide) => {
    count += 1;
    if (count % DECISIONS_A_RELOAD !== 0) return decide();
    const policy = policies[(count / DECISIONS_A_RELOAD) % policies.length];
    const reloading = policy === undefined ? undefined : decider.reload(policy);
    return reloading instanceof Promise ? reloading.then(decide) : decide();
  };
}

function policyOf(base: Policy, patterns: readonly PatternWithPath[], random: Random): Policy {
  const matches = patterns.map(({ pattern }) => matchOf(pattern, random));
  const half = Math.ceil(matches.length / 2);
  const response = { statusCode: 403, body: '', headers: {} };
  const capture = { method: true, path: true, headers: false, body: false, timing: true };
  return {
    ...base,
    drop: {
      default: false,
      rules: matches.slice(0, half).map((match, i) => ({ name: `drop-${i}`, match, response })),
    },
    logging: {
      default: false,
      rules: matches.slice(half).map((match, i) => ({ name: `log-${i}`, match, capture })),
    },
  };
}

function matchOf(pattern: PatternWithPath['pattern'], random: Random): RequestMatch {
  const path = { patterns: [pattern] };
  switch (random.below(5)) {
    case 0:
      return { path, methods: ['GET', 'HEAD'] };
    case 1:
      return { path, headers: { 'user-agent': { source: 'Linux|Android', flags: '' } } };
    default:
      return { path };
  }
}

/** One request in ten is for a path of a rule. */
function requestFor(rules: readonly PatternWithPath[], random: Random): Buffer {
  const rule = random.below(10) === 0 ? rules[random.below(rules.length)] : undefined;
  return headOf(rule?.path ?? targetOf(random), FIELDS, random);
}

/** In an order in which the first are asked for far more often than the last. */
function popular(requests: readonly Decide[], random: Random): readonly Decide[] {
  return Array.from({ length: ASKED }, () => {
    const rank = Math.floor(requests.length ** random.float()) - 1;
    return requests[Math.min(rank, requests.length - 1)];
  }).filter((one) => one !== undefined);
}

function scoreOf({ drop, logging }: RequestDecision): number {
  return (drop?.length ?? 0) + 31 * (logging?.length ?? 0);
}
