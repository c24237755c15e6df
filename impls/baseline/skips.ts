/**
 * The conformance cases that the original cannot meet, each for what follows from collecting
 * bodies whole or for a named limit of the public `node:http` or undici API. Nothing else may be
 * listed here.
 */
import type { CaseSkip } from '../contract.ts';

const COLLECTS_ANSWERS =
  'an answer is collected whole before the client gets any of it, and the case waits for a part';
const COLLECTS_REQUESTS =
  'a request is collected whole before the upstream gets any of it, and the case waits for a part';

/** By reason; an id that the suite does not know makes a run fail, so none outlives its case. */
export const skips: readonly CaseSkip[] = [
  ...each(COLLECTS_ANSWERS, [
    'answer-streams',
    'answer-of-known-length-streams',
    'open-stream-outlives-the-idle-timeout',
    'slow-client-holds-the-upstream-back',
    'upstream-truncates-what-has-passed',
    'upstream-truncates-chunks-that-have-passed',
    'client-abort-within-the-answer',
  ]),
  ...each(COLLECTS_REQUESTS, [
    'request-streams',
    'request-and-answer-stream-at-once',
    'early-answer-is-relayed',
    'expect-continue-refused-by-upstream',
  ]),
  ...each('undici sends no trailers', ['trailers-go-on']),
  ...each('undici takes no target but a path', ['options-asterisk']),
  ...each('the parser of node:http refuses a message whose trailers carry framing', [
    'forbidden-trailers-are-dropped',
  ]),
  ...each('the parser of undici breaks off an answer whose trailers carry framing', [
    'forbidden-trailers-of-answers-are-dropped',
  ]),
  ...each('the parser of node:http knows a fixed list of methods', ['unknown-method-goes-on']),
  ...each('the parser of node:http takes several spaces before a target, and does not tell', [
    'request-line-with-two-spaces',
  ]),
  ...each('the parser of node:http takes leading zeros of a chunk size, and does not tell', [
    'chunk-size-too-long',
  ]),
  ...each('the parser of node:http bounds chunk extensions by 16 KB, and does not tell of them', [
    'chunk-extension-too-long',
  ]),
];

function each(reason: string, cases: readonly string[]): CaseSkip[] {
  return cases.map((id) => ({ case: id, reason }));
}
