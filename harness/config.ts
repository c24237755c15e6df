/**
 * What a `hopmark.config.ts` says, and nothing else: the package's main entry, so that editors
 * complete it. It reads no file; `harness/cli/config.ts` does, and checks what it finds.
 */

/** The settings of `hopmark gate`. Flags win over them; paths start at the file's own folder. */
export interface HopmarkConfig {
  /** What is judged: a built-in name, or the path of a module. */
  readonly implementation?: string;
  /** A scenario's name, the path of one, or component scenarios with commas. Default: `web-mix`. */
  readonly scenario?: string;
  /** The policy that every proxy runs. Default: the example policy. */
  readonly policy?: string;
  /** Time for measuring, such as `'60s'`. */
  readonly budget?: string;
  /** By metric, what is let pass, such as `{'hop-p50': '<= +5%'}`; `'off'`: shown, not judged. */
  readonly thresholds?: Readonly<Record<string, string>>;
  /** By a name of yours, a limit on a figure itself, such as `{'fast-enough': 'overhead-p50 < 200 µs'}`. */
  readonly targets?: Readonly<Record<string, string>>;
  /** Whether a gate that could not decide fails (exit code 3, the default) or lets pass. */
  readonly onInconclusive?: 'fail' | 'neutral';
  /**
   * The shell command that installs and builds a revision, run in its folder. Default: `npm ci`
   * where there is a package-lock.json, then `npm run build --if-present`.
   */
  readonly prepare?: string;
  /** The folder of saved baselines. Default: `baselines`. */
  readonly baselines?: string;
}

/** Gives its argument back: it is there for the types. */
export function defineConfig(config: HopmarkConfig): HopmarkConfig {
  return config;
}
