/**
 * Puts a policy in force again and again while a proxy serves: now its own, now one with a rule more,
 * which matches nothing, so that each is new and all decide alike. It runs in the proxy's process, as
 * a watched configuration file would, and never keeps that alive.
 */
import type { ProxyHandler } from '../../impls/contract.ts';
import type { Policy } from '../../impls/policy/policy.ts';
import { HopmarkError } from '../model/error.ts';
import { withExtraRules } from '../scenarios/extra-rules.ts';

/** Begins, and never stops; a reload that is not done yet is waited for. */
export function reloadAgainAndAgain(handler: ProxyHandler, policy: Policy, everyMs: number): void {
  const policies = [withExtraRules(policy, 1), policy] as const;
  let count = 0;
  let busy = false;
  setInterval(() => {
    if (busy) return;
    busy = true;
    Promise.resolve(handler.reload(policies[count % 2 === 0 ? 0 : 1]))
      .catch((error: unknown) => {
        // What a proxy cannot do has to be seen: the process ends, and the round with it.
        setImmediate(() => {
          throw error;
        });
      })
      .finally(() => {
        busy = false;
      });
    count += 1;
  }, everyMs).unref();
}

/** What is told of a proxy whose policy nobody here can replace while it runs. */
export function cannotReload(spec: string): HopmarkError {
  const message = `${spec} cannot be measured on this scenario, which reloads the policy under load: it is no module`;
  return new HopmarkError('user', 'scenario-unfit', message, {
    remedy: 'A command and a URL have no policy of ours. Choose another --scenario for them.',
  });
}
