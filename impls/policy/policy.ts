/**
 * What a policy is once it has been validated and its defaults filled in: plain data that can be
 * sent to another process. How it is written, checked and refused is in `schema.ts` and `load.ts`;
 * what each rule means on the wire is in `docs/proxy-behaviour.md`.
 */

/** A whole configuration. Immutable. */
export interface Policy {
  /** Where a production listener listens. Benchmarks choose a port by themselves. */
  readonly listen: { readonly host: string; readonly port: number };
  /** How many processes a production listener serves with, 1 to 256. Benchmarks run one. */
  readonly workers: number;
  /** The upstream as an http or https URL without path, query or credentials. */
  readonly upstream: string;
  readonly limits: Limits;
  /** Addresses or CIDR blocks whose X-Forwarded-* and Forwarded headers are believed. */
  readonly trustForwardedFrom: readonly string[];
  /** Which headers about the client and the path are added to a forwarded request. */
  readonly forwarded: {
    /** X-Forwarded-For, X-Forwarded-Host, X-Forwarded-Proto. */
    readonly xForwarded: boolean;
    /** Forwarded (RFC 7239). */
    readonly forwarded: boolean;
    /** The pseudonym in Via (RFC 9110 7.6.3), or null for no Via. */
    readonly via: string | null;
  };
  readonly logging: RuleSet<LoggingRule>;
  readonly drop: RuleSet<DropRule>;
  readonly responseLogging: RuleSet<ResponseLoggingRule>;
  readonly redact: Redaction;
}

/** Rules in the order in which they are tried; the first that matches wins. */
export interface RuleSet<Rule> {
  /** What happens where no rule matches: true applies the set's action, with its defaults. */
  readonly default: boolean;
  readonly rules: readonly Rule[];
}

/** A regular expression as users write it: searched for anywhere in the subject. */
export interface Pattern {
  readonly source: string;
  /** Any of `i`, `s`, `u`, each at most once, in that order. */
  readonly flags: string;
}

/** Conditions on a request: all that are present must hold; in a list any one suffices. */
export interface RequestMatch {
  /** Against the path's normal form, without its query (`path-normal-form.ts`). */
  readonly path?: { readonly patterns: readonly Pattern[] };
  /** Method names, compared exactly. */
  readonly methods?: readonly string[];
  /** By lower-case header name; a repeated header is matched as one value joined by ", ". */
  readonly headers?: Readonly<Record<string, Pattern>>;
  /** Against the first `limits.bodyMatchBytes` bytes of the body, read as UTF-8. */
  readonly body?: { readonly patterns: readonly Pattern[] };
}

/** Conditions on a final response. */
export interface ResponseMatch {
  /** Codes such as 404, inclusive ranges as [500, 599]. */
  readonly statusCodes?: readonly (number | readonly [number, number])[];
  readonly headers?: Readonly<Record<string, Pattern>>;
  readonly body?: { readonly patterns: readonly Pattern[] };
}

/** Which parts of a message a log line carries. The status code is always in it. */
export interface Capture {
  readonly method: boolean;
  readonly path: boolean;
  readonly headers: boolean;
  /** The first `limits.bodyMatchBytes` bytes, as text. */
  readonly body: boolean;
  readonly timing: boolean;
}

export interface LoggingRule {
  readonly name: string;
  readonly match: RequestMatch;
  readonly capture: Capture;
  /** The time to the first byte of the answer for requests it matches, instead of the limit's. */
  readonly timeoutMs?: number;
}

export interface DropRule {
  readonly name: string;
  readonly match: RequestMatch;
  readonly response: DropResponse;
}

/** The answer to a dropped request. */
export interface DropResponse {
  /** 200 to 599. */
  readonly statusCode: number;
  readonly body: string;
  /** By header name as written; framing and hop-by-hop names are refused at load. */
  readonly headers: Readonly<Record<string, string>>;
}

export interface ResponseLoggingRule {
  readonly name: string;
  readonly match: ResponseMatch;
  readonly capture: Pick<Capture, 'headers' | 'body' | 'timing'>;
}

/** Names, all lower case, whose values are never written to a log. */
export interface Redaction {
  readonly headers: readonly string[];
  readonly query: readonly string[];
}

/** Bounds. Sizes in bytes, times in milliseconds, all positive integers. */
export interface Limits {
  /** Request line and header section together; beyond it 431. */
  readonly headBytes: number;
  /** The request target alone; beyond it 414. */
  readonly targetBytes: number;
  /** Header fields in a request; beyond it 431. */
  readonly headerCount: number;
  /** A request's body; beyond it 413. */
  readonly bodyBytes: number;
  /** How much of a body rules and captures look at. */
  readonly bodyMatchBytes: number;
  /** Complete head from its first byte; beyond it 408. */
  readonly headTimeoutMs: number;
  /** Longest gap between two reads of a request's body; beyond it 408. */
  readonly bodyTimeoutMs: number;
  /** An idle client connection between requests; beyond it closed. */
  readonly idleTimeoutMs: number;
  /** To connect to the upstream; beyond it 504. */
  readonly connectTimeoutMs: number;
  /** From the request's end to the first byte of the answer; beyond it 504. */
  readonly firstByteTimeoutMs: number;
  /** Lines waiting for the log sink; beyond it lines are dropped and counted. */
  readonly logQueueBytes: number;
}
