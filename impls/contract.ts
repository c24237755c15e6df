/**
 * The contract between a proxy implementation and whatever hosts it (the benchmark harness, the
 * conformance suite, a production listener). Everything a stranger needs to write an
 * implementation is in this file and in the types of `policy/policy.ts`; how an implementation
 * must behave on the wire is in `docs/proxy-behaviour.md` and is checked by `impls/conformance`.
 *
 * A program that is no Node module is described by an {@link ExternalImplementation}, at the end of this
 * file. All else is about implementations that a process of the host's serves.
 *
 * An implementation serves accepted client connections. It never listens by itself: the host
 * accepts a connection and hands the socket over. So a `node:http` server, raw socket code and a
 * TLS socket all fit, and one listener can hand each connection to either of two implementations.
 *
 * What the host does, because a handler cannot:
 * - it listens with `allowHalfOpen: true` (a default `net.Server` ends its side as soon as the
 *   client half-closes, and the answer is lost) and `noDelay: true`, with a backlog of 511 or more;
 * - it hands over each socket at once, in the tick in which it was accepted, with no listener
 *   attached and nothing read, or with what was read in `initialBytes`;
 * - it keeps an `error` listener off the socket: the handler owns the socket from `handle` on,
 *   adds its own, and ends or destroys it.
 *
 * A known trap: an `http.Server` that never listens and is fed by `emit('connection', socket)`
 * runs neither `headersTimeout` nor `requestTimeout`. An implementation built on it must time out
 * slow heads and bodies by itself.
 */
import type { Socket } from 'node:net';
import type { Pattern, Policy } from './policy/policy.ts';

/** The version of this contract. A host refuses an implementation that was written for another. */
export const CONTRACT_VERSION = 1;

/**
 * The tiers of behaviour, lowest first. `forwarding`: messages arrive whole and unchanged where
 * they must be; without it nothing is measured. `strict`: hostile and ambiguous input is refused.
 * `policy`: drop, logging and redaction rules are applied.
 */
export type Tier = 'forwarding' | 'strict' | 'policy';

/** A proxy that can be created any number of times, in any process. */
export interface ProxyImplementation {
  /** Must equal {@link CONTRACT_VERSION}. */
  readonly contractVersion: number;
  /** A short name for tables: letters, digits, dots, dashes and underscores, at most 40. */
  readonly name: string;
  /** The version of the implementation or of the library it wraps, for reports. */
  readonly version?: string;
  /** The tiers that it claims. The conformance suite runs these and reports on them. */
  readonly capabilities: readonly Tier[];
  /**
   * Conformance cases that it cannot meet, each with the reason that reports print. A declared
   * case is skipped, not counted as passed.
   */
  readonly skips?: readonly CaseSkip[];
  /**
   * Makes a handler that is ready for connections. Rejects if it cannot serve the policy; it must
   * leave nothing running then.
   */
  create(options: ProxyOptions): Promise<ProxyHandler> | ProxyHandler;
  /** What can be left out of it, so that each is measured by itself; missing: nothing. */
  readonly parts?: readonly ImplementationPart[];
  /**
   * Its operations one by one, for component scenarios: the code that serves requests, not a copy
   * of it. `parts` is as in {@link ProxyOptions}. Each call gives new ones that share nothing.
   */
  components?(parts?: ReadonlySet<string>): ProxyComponents;
}

/** Something an implementation works without, only slower. */
export interface ImplementationPart {
  /** As `optimized?without=NAME` has it: lower-case letters, digits and dashes. */
  readonly name: string;
  /** What it does, a clause for tables. */
  readonly title: string;
  /** Parts that it rests on: it is off where one of them is. */
  readonly needs?: readonly string[];
}

/** One conformance case that an implementation declares it cannot meet. */
export interface CaseSkip {
  /** The id of the case, as `hopmark conform` prints it. */
  readonly case: string;
  /** Why, in a sentence. */
  readonly reason: string;
}

/** What a handler is made from. */
export interface ProxyOptions {
  /** The one upstream to which everything is forwarded. It outlives reloads of the policy. */
  readonly upstream: Upstream;
  /**
   * The validated policy, defaults filled in. The handler does not read `policy.upstream` nor
   * `policy.listen`: those are for the host.
   */
  readonly policy: Policy;
  /** Where log lines go. */
  readonly log: LogSink;
  /** The time, so that tests can hold it. */
  readonly clock: Clock;
  /** The names of the parts that are on; missing: all of them. */
  readonly parts?: ReadonlySet<string>;
}

/** The server that answers what the proxy forwards. */
export interface Upstream {
  readonly protocol: 'http:' | 'https:';
  /** A host name, or an IP address without brackets. */
  readonly host: string;
  /** 1 to 65535. */
  readonly port: number;
  /** PEM certificates trusted beside the system's, https only. Verification is never off. */
  readonly ca?: string;
}

/** A source of time. */
export interface Clock {
  /** Wall-clock time in milliseconds since 1970, for log lines. */
  readonly nowMs: () => number;
  /** Monotonic time in milliseconds with a fraction, for durations. */
  readonly monotonicMs: () => number;
}

/**
 * Where log lines go. An implementation queues whole lines within a bound
 * (`policy.limits.logQueueBytes`), counts those that do not fit, and has at most one write under
 * way, so a slow sink costs lines and never requests.
 */
export interface LogSink {
  /**
   * Takes one or more complete lines, each ended by a line feed, UTF-8. The bytes stay unchanged
   * until `done` is called, once, with an error or null.
   */
  write(lines: Uint8Array, done: (error: Error | null) => void): void;
}

/** One running proxy. */
export interface ProxyHandler {
  /**
   * Takes over an accepted connection. Never throws for what a client sends. `initialBytes` are
   * bytes that the host has already read from it; they come first.
   */
  handle(socket: Socket, initialBytes?: Uint8Array): void;
  /**
   * Replaces the policy at once: requests whose head is read afterwards see the new one, requests
   * in flight finish on the one they began with. Throws if the policy cannot be served, and then
   * keeps the old one.
   */
  reload(policy: Policy): ReloadReport | Promise<ReloadReport>;
  /** What has happened since creation. Cheap enough to be called once a second. */
  counters(): ProxyCounters;
  /**
   * Stops taking requests: idle connections are closed, requests in flight are answered with
   * `Connection: close`. Resolves when no connection is left, or destroys what is left after
   * `deadlineMs` (0 or more).
   */
  drain(deadlineMs: number): Promise<DrainReport>;
  /** Destroys every connection and timer. Resolves when nothing holds the process any more. */
  close(): Promise<void>;
}

/** What a reload did. */
export interface ReloadReport {
  /** Rules in force now. */
  readonly rules: number;
  /** Compiled patterns that were taken over unchanged, and those compiled anew. */
  readonly patternsKept: number;
  readonly patternsCompiled: number;
}

/** How a drain went. */
export interface DrainReport {
  /** Connections that ended by themselves. */
  readonly finished: number;
  /** Connections destroyed at the deadline. */
  readonly destroyed: number;
}

/** The answer's class by its first digit. */
export type ResponseClass = '1xx' | '2xx' | '3xx' | '4xx' | '5xx';

/**
 * Cumulative counts since creation, plain data, so that the counters of several workers add up
 * field by field. What an implementation does not have it leaves out of a record (no cache: an
 * empty `caches`); it never reports a zero for what it does not count.
 */
export interface ProxyCounters {
  /** Requests whose head was read whole, refused ones included. */
  readonly requests: number;
  /** Final answers sent, and interim ones under `1xx`. */
  readonly responses: Readonly<Record<ResponseClass, number>>;
  /** Answers made by the proxy because of a drop rule. */
  readonly dropped: number;
  /** Failures by kind, such as `upstream-refused`, `upstream-timeout`, `bad-request`. */
  readonly errors: Readonly<Record<string, number>>;
  /** Caches by name. `decision` is the one whose hit rate is gated. */
  readonly caches: Readonly<Record<string, HitCounts>>;
  /** Pools by name: a hit gave back used memory, a miss allocated. */
  readonly pools: Readonly<Record<string, HitCounts>>;
  /** Log lines handed to the sink, and those dropped because the queue was full. */
  readonly log: { readonly written: number; readonly dropped: number };
  /** Upstream connections opened, requests sent on a reused one, and requests sent again. */
  readonly upstream: {
    readonly opened: number;
    readonly reused: number;
    readonly retried: number;
  };
  /**
   * How long things took, by name; left out by what does not measure it. `request`: from a request's
   * head, read whole, to its answer, all of it handed to the socket, whoever made the answer.
   * `upstream`: from the whole request, handed to the upstream's socket, to the first byte of the
   * answer, 0 where that came first. Tunnels and what was broken off are in neither.
   */
  readonly durations?: Readonly<Record<string, DurationCounts>>;
}

/** Hits and misses of a cache or a pool. */
export interface HitCounts {
  readonly hits: number;
  readonly misses: number;
}

/** A histogram of durations. Those of several workers are merged by adding up equal ranges. */
export interface DurationCounts {
  /**
   * The ranges that hold any, in ascending order: `count` durations were below `belowUs` microseconds
   * and not in a range before it. An implementation chooses how wide its ranges are.
   */
  readonly ranges: readonly (readonly [belowUs: number, count: number])[];
  /** Of all durations, in microseconds. */
  readonly sumUs: number;
}

/** A value, or a promise of it where an implementation has to wait. Each is timed in its own way. */
export type Eventually<T> = T | Promise<T>;

/**
 * The operations that component scenarios drive one by one. What a factory does is what an
 * implementation does beforehand (at load, when a connection comes); what the operation does is
 * done for every request. All implementations answer the same.
 */
export interface ProxyComponents {
  /** Takes in a set of patterns as a rule's condition holds them. */
  matcher(patterns: readonly Pattern[]): PatternMatcher;
  /** For the requests of one http client connection from `peerAddress`. */
  headFilter(policy: Policy, peerAddress: string): HeadFilter;
  buffers(): BufferSource;
  decider(policy: Policy): RequestDecider;
  bodyReader(policy: Policy): BodyReader;
}

/** Matches a set of patterns. */
export interface PatternMatcher {
  /** Whether any of the patterns is found in the subject. */
  matches(subject: string): Eventually<boolean>;
}

/** Rewrites the heads of requests. */
export interface HeadFilter {
  /**
   * From a complete, well-formed HTTP/1.1 request head without Expect and Upgrade to the head that
   * goes to the upstream: hop-by-hop fields gone, forwarding fields added as the policy says. Fields
   * that are added may stand in any order. What is returned is valid until the next call.
   */
  filter(head: Buffer): Eventually<Buffer>;
}

/** Memory for bytes in passing. */
export interface BufferSource {
  /** A buffer of at least so many bytes, with arbitrary content. */
  take(bytes: number): Buffer;
  /** Takes one back, once. Nobody reads or writes it any more. */
  give(buffer: Buffer): void;
}

/** Decides on requests under a configuration. */
export interface RequestDecider {
  /** Takes in a well-formed head of a request without a body; what it returns decides on it. */
  request(head: Buffer): () => Eventually<RequestDecision>;
  /** Puts another policy in force: later decisions are made under it, on known requests too. */
  reload(policy: Policy): Eventually<void>;
}

/** The names of the rules that a request selects; null: none, whatever the defaults say. */
export interface RequestDecision {
  readonly drop: string | null;
  readonly logging: string | null;
}

/** Reads the bodies of requests on their way to the upstream. */
export interface BodyReader {
  /**
   * Reads one whole body, which comes in these pieces. `wantsText`: a rule or a log line asks for
   * its text, as far as the policy's `bodyMatchBytes` go.
   */
  read(pieces: readonly Buffer[], wantsText: boolean): Eventually<BodyReading>;
}

/** A body that was read. */
export interface BodyReading {
  /** Bytes that go on to the upstream. */
  readonly length: number;
  /** Null where it was not wanted. */
  readonly text: string | null;
}

/**
 * The other thing a module may export by default: a factory of a plain Node request listener. The
 * registry puts a `node:http` server around it. It gets no policy, so its tier is `forwarding` at
 * most, plus whatever of `strict` node:http gives it.
 */
export type ListenerFactory = (options: {
  readonly upstream: Upstream;
}) => (
  request: import('node:http').IncomingMessage,
  response: import('node:http').ServerResponse,
) => void;

/**
 * The third thing a module may export by default: the definition of a program of its own, started by
 * a command any number of times, side by side. Everything in it is data, so that it says the same in
 * any process: what differs from one start to the next, such as the port, is written as a placeholder.
 *
 * A placeholder stands in double braces, `{{port}}`, in `args`, in the values of `env`, and in
 * `configTemplate`. One that is not in this list is an error:
 *
 * - `{{host}}`, `{{port}}`: where the program must listen: 127.0.0.1 and a port that was free.
 * - `{{upstreamHost}}`, `{{upstreamPort}}`, `{{upstreamUrl}}`: the one server to forward to; the URL
 *   is `http://127.0.0.1:9000` or the like, without a path.
 * - `{{upstreamCaFile}}`: PEM certificates to trust for an https upstream; the file may be empty.
 * - `{{folder}}`: an empty folder of its own, removed when it has ended.
 * - `{{configFile}}`: the file that `configTemplate` became.
 * - `{{logFile}}`: where log lines go, if it writes any: one line an exchange, as
 *   docs/proxy-behaviour.md says. Only a program that claims the tier `policy` needs it.
 * - `{{policyFile}}`: the policy as JSON, defaults filled in (`impls/policy/policy.ts`).
 * - `{{workers}}`: how many processes or threads may serve requests: 1, so that all are alike.
 * - `{{limits.NAME}}`: a bound of the policy, such as `{{limits.bodyBytes}}`. Those that end in `Ms`
 *   can be had in seconds, with a fraction: `{{limits.idleTimeoutSeconds}}`.
 */
export interface ExternalImplementation {
  /** Must equal {@link CONTRACT_VERSION}. */
  readonly contractVersion: number;
  /** A short name for tables: letters, digits, dots, dashes and underscores, at most 40. */
  readonly name: string;
  /** The tiers that it claims. */
  readonly capabilities: readonly Tier[];
  /** Conformance cases that it cannot meet, each with the reason that reports print. */
  readonly skips?: readonly CaseSkip[];
  /**
   * The program: a name that is searched for in PATH and in the folders of system programs, or a
   * path. It runs in the folder of the module that defines it, from which relative paths start.
   * It must stay in the foreground, and end on SIGTERM.
   */
  readonly command: string;
  readonly args?: readonly string[];
  /** Added to the environment of the harness. */
  readonly env?: Readonly<Record<string, string>>;
  /** Its configuration, written to `{{configFile}}` before it is started. */
  readonly configTemplate?: string;
  /** The name of that file, for programs that go by its ending; default `config`. */
  readonly configName?: string;
  /** When it is ready, beside accepting connections on its port. */
  readonly ready?: {
    /** It must answer a GET of this path by itself, with a status below 500. */
    readonly path?: string;
    /** How long it may take, in milliseconds, 100 to 60,000; default 10,000. */
    readonly timeoutMs?: number;
  };
  /** Its version, for reports; or the arguments with which it prints one. */
  readonly version?: string | { readonly args: readonly string[] };
  /** How to get the program, a sentence; shown where it is missing. */
  readonly install?: string;
}
