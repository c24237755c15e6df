/**
 * What a conformance case is: data that says who sends what when, and a pure check of what was
 * observed. Nothing here opens a socket; `harness/conformance` plays the cases against a proxy.
 */
import type { Tier } from '../contract.ts';
import type { PolicyInput } from '../policy/policy-input.ts';
import type { Observed } from './observed.ts';

/** One behaviour that a proxy must show, with the exchange that shows it. */
export interface ConformanceCase {
  /** Kebab-case, unique, stable: skips and reports name cases by it. */
  readonly id: string;
  readonly tier: Tier;
  /** The subject under which tables group it. */
  readonly family: CaseFamily;
  /** What must hold, as a sentence. */
  readonly title: string;
  /** An RFC section such as `RFC 9112 6.3`, or a heading of docs/proxy-behaviour.md. */
  readonly section: string;
  /** In the subset that runs before every comparison. */
  readonly fast?: true;
  /** Cannot be skipped: without it no figure of the proxy means anything. */
  readonly required?: true;
  /** What the policy says beside its defaults, in the form in which users write it. */
  readonly policy?: UserPolicy;
  /** What the proxy finds as its upstream; the scripted origin by default. */
  readonly upstream?: UpstreamKind;
  /** The exchange ends or changes the proxy, so it gets a process of its own. */
  readonly ownProcess?: true;
  readonly exchange: Exchange;
  /** Judges what was observed. Pure; an empty list passes. */
  readonly check: (observed: Observed) => readonly Failure[];
}

/** The subjects of cases, in the order of reports. */
export const CASE_FAMILIES = [
  'bodies',
  'chunked',
  'trailers',
  'request-line',
  'hosts',
  'fields',
  'message-framing',
  'limits',
  'hop-by-hop',
  'max-forwards',
  'forwarded-headers',
  'responses',
  'interim-responses',
  'streaming',
  'upgrade',
  'upstream-failures',
  'reuse-and-retry',
  'client-behaviour',
  'drop-rules',
  'logging-rules',
  'response-rules',
  'redaction',
  'log-safety',
  'drain',
  'reload',
] as const;

export type CaseFamily = (typeof CASE_FAMILIES)[number];

/** A policy as users write it, any part left out. */
export type UserPolicy = PolicyInput;

/**
 * - `origin`: the scripted origin, plain HTTP.
 * - `refused`: a port on which nothing listens.
 * - `unaccepted`: a port whose queue is full, so that connecting takes for ever.
 * - `tls`: the scripted origin behind TLS, its certificate given as trusted.
 * - `tls-untrusted`: the same, its certificate not given.
 */
export type UpstreamKind = 'origin' | 'refused' | 'unaccepted' | 'tls' | 'tls-untrusted';

/** Who does what. Every wait is for an event, and bounded by the runner. */
export interface Exchange {
  /** What the client does, in order; it may hold several connections. */
  readonly client: readonly ClientStep[];
  /** What the origin does with each request, in order of arrival; the last one repeats. */
  readonly origin?: readonly OriginAnswer[];
  /** Methods of the requests sent on each connection, where one is not GET. Answers depend on it. */
  readonly methods?: Readonly<Record<string, readonly string[]>>;
}

/** Bytes to send: a string is latin-1. */
export type Bytes = string | Uint8Array;

/** A step of the client. `on` names the connection, `a` by default; it opens at first use. */
export type ClientStep =
  | SendStep
  | UntilStep
  | MarkStep
  | { readonly do: 'connect'; readonly on?: string }
  | { readonly do: 'half-close'; readonly on?: string }
  | { readonly do: 'reset'; readonly on?: string }
  | { readonly do: 'pause'; readonly on?: string }
  | { readonly do: 'resume'; readonly on?: string }
  /** Sends one byte every `everyMs`, until all are sent or the proxy ends the connection. */
  | {
      readonly do: 'drip';
      readonly bytes: Bytes;
      readonly everyMs: number;
      readonly on?: string;
    }
  /** Lets a plain request pass on a connection of its own, so that what came before is over. */
  | { readonly do: 'barrier' }
  | { readonly do: 'reload'; readonly policy: UserPolicy }
  /** SIGTERM. The next steps run while the proxy drains. */
  | { readonly do: 'terminate' };

/** What the origin does with one request. */
export interface OriginAnswer {
  /** When it begins: at the request's complete head, or at its end (the default). */
  readonly at?: 'head' | 'end';
  readonly steps: readonly OriginStep[];
}

export type OriginStep =
  | SendStep
  | UntilStep
  | MarkStep
  /** Sends 100 if the request that it answers expects one. */
  | { readonly do: 'continue' }
  | { readonly do: 'half-close' }
  | { readonly do: 'reset' };

export interface SendStep {
  readonly do: 'send';
  readonly bytes: Bytes;
  readonly on?: string;
  /** Written in pieces of this many bytes, each handed to the system by itself. */
  readonly pieceBytes?: number;
}

/** Waits until an event has happened `count` times (bytes: that many) since the case began. */
export interface UntilStep {
  readonly do: 'until';
  readonly event: EventName;
  readonly count: number;
}

/** Tells the other side something by a name of the case's own. */
export interface MarkStep {
  readonly do: 'mark';
  readonly name: string;
}

/** What can be waited for. Counts are over all connections of that side. */
export type EventName =
  /** Bytes of any kind that the client received. */
  | 'client-bytes'
  | 'client-interim'
  | 'client-head'
  | 'client-body'
  | 'client-response'
  | 'client-tunnel'
  /** Connections that the proxy ended (FIN or reset), seen from the client. */
  | 'client-ended'
  /** Final answers that are complete, and ends of connections: whichever comes first. */
  | 'client-settled'
  | 'origin-connection'
  | 'origin-head'
  | 'origin-body'
  | 'origin-request'
  | 'origin-tunnel'
  /** Connections that the proxy ended (FIN or reset), seen from the origin. */
  | 'origin-ended'
  | 'log-line'
  | 'proxy-exited'
  | `mark-${string}`;

/** Something that was not as it must be, in a sentence. */
export interface Failure {
  readonly message: string;
}
