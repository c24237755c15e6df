/**
 * All conformance cases, in the order in which they run.
 */
import { BODY_CASES } from './bodies.ts';
import type { ConformanceCase } from './case.ts';
import { CHUNKED_CASES } from './chunked.ts';
import { CLIENT_BEHAVIOUR_CASES } from './client-behaviour.ts';
import { DRAIN_CASES } from './drain.ts';
import { DROP_RULE_CASES } from './drop-rules.ts';
import { FIELD_CASES } from './fields.ts';
import { FORWARDED_HEADER_CASES } from './forwarded-headers.ts';
import { HOP_BY_HOP_CASES } from './hop-by-hop.ts';
import { HOST_CASES } from './hosts.ts';
import { INTERIM_RESPONSE_CASES } from './interim-responses.ts';
import { LIMIT_CASES } from './limits.ts';
import { LOG_SAFETY_CASES } from './log-safety.ts';
import { LOGGING_RULE_CASES } from './logging-rules.ts';
import { MAX_FORWARDS_CASES } from './max-forwards.ts';
import { MESSAGE_FRAMING_CASES } from './message-framing.ts';
import { REDACTION_CASES } from './redaction.ts';
import { RELOAD_CASES } from './reload.ts';
import { REQUEST_LINE_CASES } from './request-line.ts';
import { RESPONSE_RULE_CASES } from './response-rules.ts';
import { RESPONSE_CASES } from './responses.ts';
import { REUSE_AND_RETRY_CASES } from './reuse-and-retry.ts';
import { STREAMING_CASES } from './streaming.ts';
import { TRAILER_CASES } from './trailers.ts';
import { UPGRADE_CASES } from './upgrade.ts';
import { UPSTREAM_FAILURE_CASES } from './upstream-failures.ts';

export type * from './case.ts';
export type * from './observed.ts';

/** Ids are unique. */
export const CONFORMANCE_CASES: readonly ConformanceCase[] = [
  ...BODY_CASES,
  ...CHUNKED_CASES,
  ...TRAILER_CASES,
  ...REQUEST_LINE_CASES,
  ...HOST_CASES,
  ...FIELD_CASES,
  ...MESSAGE_FRAMING_CASES,
  ...LIMIT_CASES,
  ...HOP_BY_HOP_CASES,
  ...MAX_FORWARDS_CASES,
  ...FORWARDED_HEADER_CASES,
  ...RESPONSE_CASES,
  ...INTERIM_RESPONSE_CASES,
  ...STREAMING_CASES,
  ...UPGRADE_CASES,
  ...UPSTREAM_FAILURE_CASES,
  ...REUSE_AND_RETRY_CASES,
  ...CLIENT_BEHAVIOUR_CASES,
  ...DROP_RULE_CASES,
  ...LOGGING_RULE_CASES,
  ...RESPONSE_RULE_CASES,
  ...REDACTION_CASES,
  ...LOG_SAFETY_CASES,
  ...DRAIN_CASES,
  ...RELOAD_CASES,
];
