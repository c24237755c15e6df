/**
 * Words for what a library is known not to do: conformance cases with the reason that reports print,
 * and the reasons that are Node's rather than a library's. Reasons say what happens, and judge
 * nothing. Each list was found by running every case without it, and a test holds it to that.
 */
import type { CaseSkip } from '../contract.ts';

/** One reason for several cases. */
export function declare(reason: string, ...cases: readonly string[]): CaseSkip[] {
  return cases.map((id) => ({ case: id, reason }));
}

/** Of libraries that send `request.headers` on, as node:http hands it over. */
export const NODE_FIELDS: readonly CaseSkip[] = [
  ...declare(
    'fields of one name go on as one field, joined by commas, as node:http hands them over',
    'repeated-fields-stay-apart',
  ),
  ...declare(
    'a field named __proto__ does not go on: node:http hands over an object without it',
    'field-names-of-object-properties',
  ),
];

/** Of libraries that send an answer's Connection field on to the client. */
export const ANSWERS_CONNECTION: readonly CaseSkip[] = [
  ...declare(
    'Connection of an answer goes on to the client, and so do the fields that it names',
    'answer-connection-names-are-removed',
  ),
  ...declare(
    'Connection: close of an answer goes on to the client, whose connection ends with it',
    'answer-that-says-close-is-the-last',
  ),
];

/** Of libraries that send a request's connection fields on to the upstream. */
export const REQUESTS_CONNECTION: readonly CaseSkip[] = [
  ...declare(
    'Connection of a request goes on to the upstream, and so do the fields that it names',
    'connection-names-are-removed',
  ),
  ...declare('Keep-Alive of a request goes on to the upstream', 'keep-alive-is-removed'),
  ...declare(
    'Proxy-Connection of a request goes on to the upstream',
    'proxy-connection-is-removed',
  ),
];
