/**
 * Reloading the policy: at once for what comes, without a trace for what is in flight.
 */
import type { ConformanceCase, UserPolicy } from './case.ts';
import { all, answerBody, logged, requestCount, status } from './checks.ts';
import { answer, get, mark, reply, send, until } from './steps.ts';

const RULE = (name: string): UserPolicy => ({
  logging: { rules: [{ name, match: { path: { patterns: ['^/'] } } }] },
});
const DROPPING: UserPolicy = {
  drop: { rules: [{ name: 'new', match: { path: { patterns: ['^/changed'] } } }] },
};

export const RELOAD_CASES: readonly ConformanceCase[] = [
  {
    id: 'reload-takes-effect-at-once',
    tier: 'policy',
    family: 'reload',
    title: 'After a reload the next request on an open connection meets the new rules.',
    section: 'Rules',
    ownProcess: true,
    exchange: {
      client: [
        send(get('/changed')),
        until('client-response'),
        { do: 'reload', policy: DROPPING },
        send(get('/changed')),
        until('client-response', 2),
      ],
    },
    check: all(status(200), status(403, { index: 1 }), requestCount(1)),
  },
  {
    id: 'reload-leaves-what-is-in-flight',
    tier: 'policy',
    family: 'reload',
    title: 'A request in flight finishes on the policy that it began with.',
    section: 'Rules',
    ownProcess: true,
    policy: RULE('old'),
    exchange: {
      client: [
        send(get('/in-flight')),
        until('origin-request'),
        { do: 'reload', policy: RULE('new') },
        mark('reloaded'),
        until('client-response'),
        until('log-line'),
        send(get('/after')),
        until('client-response', 2),
        until('log-line', 2),
      ],
      origin: [answer(until('mark-reloaded'), reply(200, 'finished')), answer(reply(200))],
    },
    check: all(
      answerBody('finished'),
      logged({ rule: 'old', target: '/in-flight' }),
      logged({ rule: 'new', target: '/after' }, 1),
    ),
  },
];
