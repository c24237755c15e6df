/**
 * The policy as users write it, for those who write one in code. The file's own schema is in
 * `schema.ts`; this is its shape for an editor, and it checks nothing.
 */

/** A number of bytes, or a text such as `64KB`. */
type SizeInput = number | string;
/** A number of milliseconds, or a text such as `30s`. */
type DurationInput = number | string;
/** A regular expression's source, with flags `i`, `s`, `u` if it needs any. */
type PatternInput = string | { readonly pattern: string; readonly flags?: string };

/** A policy in the user's form; what is left out gets its default. */
export interface PolicyInput {
  readonly listen?: { readonly host?: string; readonly port?: number };
  readonly workers?: number;
  readonly upstream?: string;
  readonly limits?: {
    readonly head?: SizeInput;
    readonly target?: SizeInput;
    readonly headers?: number;
    readonly body?: SizeInput;
    readonly bodyMatch?: SizeInput;
    readonly headTimeout?: DurationInput;
    readonly bodyTimeout?: DurationInput;
    readonly idleTimeout?: DurationInput;
    readonly connectTimeout?: DurationInput;
    readonly firstByteTimeout?: DurationInput;
    readonly logQueue?: SizeInput;
  };
  readonly trustForwardedFrom?: readonly string[];
  readonly forwarded?: {
    readonly xForwarded?: boolean;
    readonly forwarded?: boolean;
    readonly via?: string | null;
  };
  readonly logging?: RuleSetInput<{
    readonly name: string;
    readonly match: RequestMatchInput;
    readonly capture?: {
      readonly method?: boolean;
      readonly path?: boolean;
      readonly headers?: boolean;
      readonly body?: boolean;
      readonly timing?: boolean;
    };
    readonly timeout?: DurationInput;
  }>;
  readonly drop?: RuleSetInput<{
    readonly name: string;
    readonly match: RequestMatchInput;
    readonly response?: {
      readonly statusCode?: number;
      readonly body?: string;
      readonly headers?: Readonly<Record<string, string>>;
    };
  }>;
  readonly responseLogging?: RuleSetInput<{
    readonly name: string;
    readonly match: ResponseMatchInput;
    readonly capture?: {
      readonly headers?: boolean;
      readonly body?: boolean;
      readonly timing?: boolean;
    };
  }>;
  readonly redact?: { readonly headers?: readonly string[]; readonly query?: readonly string[] };
}

interface RuleSetInput<Rule> {
  readonly default?: boolean;
  readonly rules?: readonly Rule[];
}

interface RequestMatchInput {
  readonly path?: { readonly patterns: readonly PatternInput[] };
  readonly methods?: readonly string[];
  readonly headers?: Readonly<Record<string, PatternInput>>;
  readonly body?: { readonly patterns: readonly PatternInput[] };
}

interface ResponseMatchInput {
  readonly statusCodes?: readonly (number | string | readonly [number, number])[];
  readonly headers?: Readonly<Record<string, PatternInput>>;
  readonly body?: { readonly patterns: readonly PatternInput[] };
}
