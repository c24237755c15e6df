/**
 * SIGTERM: what is in flight is finished, nothing new is begun, and the process ends.
 */
import type { ConformanceCase } from './case.ts';
import { all, answerBody, endedInOrder, expectThat, saysClose, status } from './checks.ts';
import { answer, get, halfClose, mark, reply, send, until } from './steps.ts';

export const DRAIN_CASES: readonly ConformanceCase[] = [
  {
    id: 'drain-finishes-what-is-in-flight',
    tier: 'policy',
    family: 'drain',
    title:
      'On SIGTERM idle connections close, the answer in flight says Connection: close, exit 0.',
    section: 'Drain (contract)',
    ownProcess: true,
    exchange: {
      client: [
        send(get('/idle'), { on: 'idle' }),
        until('client-response'),
        send(get('/in-flight')),
        until('origin-request', 2),
        { do: 'terminate' },
        // The idle connection's end shows that the drain has begun.
        until('client-ended'),
        halfClose('idle'),
        mark('draining'),
        until('client-response', 2),
        until('client-ended', 2),
        halfClose(),
        until('proxy-exited'),
      ],
      origin: [answer(reply(200, 'idle')), answer(until('mark-draining'), reply(200, 'finished'))],
    },
    check: all(
      status(200),
      answerBody('finished'),
      saysClose(),
      endedInOrder(),
      endedInOrder('idle'),
      ({ exitCode }) => expectThat(exitCode === 0, `the exit code is ${exitCode}, not 0`),
    ),
  },
  {
    id: 'drain-has-a-deadline',
    tier: 'policy',
    family: 'drain',
    title: 'An exchange that never ends does not keep the process from ending.',
    section: 'Drain (contract)',
    ownProcess: true,
    exchange: {
      client: [
        send(get('/endless')),
        until('origin-request'),
        { do: 'terminate' },
        until('proxy-exited'),
      ],
      origin: [answer()],
    },
    check: ({ exitCode }) => expectThat(exitCode === 0, `the exit code is ${exitCode}, not 0`),
  },
];
