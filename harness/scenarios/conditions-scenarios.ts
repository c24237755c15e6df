/**
 * The scenarios whose traffic is that of others, and what is unusual is around it: an origin that takes
 * its time, a thousand rules, connections that are not kept, a policy that changes under load.
 */
import type { FixedScenario, MixScenario } from '../model/scenario.ts';
import { FIXED_1KB } from './fixed-scenarios.ts';
import { WEB_MIX } from './web-mix.ts';

export const SLOW_ORIGIN: FixedScenario = {
  ...FIXED_1KB,
  name: 'slow-origin',
  title: 'one GET, answered after 50 ms',
  description:
    'fixed-1kb from an origin that waits 50 ms, 256 requests in flight: what many waiting exchanges cost in CPU time and memory. The wait is kept by a timer of a millisecond, so a hop is not told apart from another by its time here.',
  conditions: { originDelayMs: 50, concurrency: 256 },
};

export const MANY_RULES: MixScenario = {
  ...WEB_MIX,
  name: 'many-rules',
  title: 'web-mix under 1,000 rules more',
  description:
    'The traffic of web-mix under the policy and 1,000 rules more, none of which matches: folders, endings, paths with numbers, header conditions. What a rule costs those whom it does not mean. Without a policy, as against a proxy that has none, it is web-mix.',
  conditions: { extraRules: 1000 },
};

export const COLD_CONNECTIONS: FixedScenario = {
  ...FIXED_1KB,
  name: 'cold-connections',
  title: 'one GET on a connection of its own',
  description:
    'fixed-1kb with a new connection for each request, which asks to be closed (Connection: close). Times count from the opening of the connection.',
  conditions: { connections: 'one-each' },
};

export const RELOAD_UNDER_LOAD: MixScenario = {
  ...WEB_MIX,
  name: 'reload-under-load',
  title: 'web-mix, the policy replaced ten times a second',
  description:
    'The traffic of web-mix while another policy that decides alike is put in force every 100 ms: what a reload costs the requests beside it, and whether any is lost.',
  conditions: { reloadEveryMs: 100 },
};
