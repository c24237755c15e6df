/**
 * An implementation that is a program of its own: a command, with the configuration that it is
 * given. Types only. Everything in a definition is data, so that it says the same in any process:
 * what differs from one start to the next, such as the port, is written as a placeholder.
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
 *   `docs/proxy-behaviour.md` says. Only a program that claims the tier `policy` needs it.
 * - `{{policyFile}}`: the policy as JSON, defaults filled in (`impls/policy/policy.ts`).
 * - `{{workers}}`: how many processes or threads may serve requests: 1, so that all are alike.
 * - `{{limits.NAME}}`: a bound of the policy, such as `{{limits.bodyBytes}}`. Those that end in `Ms`
 *   can be had in seconds, with a fraction: `{{limits.idleTimeoutSeconds}}`.
 */
import type { CaseSkip, Tier } from './contract.ts';

/** A program that can be started any number of times, side by side. */
export interface ExternalImplementation {
  /** Must equal `CONTRACT_VERSION`. */
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
