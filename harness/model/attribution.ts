/**
 * Which functions a regression comes from, as a profile of either side has them. Types only;
 * `attribution/` finds out, `report/` shows it.
 */

/** What grew from the reference to the candidate. */
export interface Attribution {
  /** The fewest requests that a process of either side answered during each of the two profiles. */
  readonly requests: { readonly cpu: number; readonly heap: number };
  /** Time on the CPU, microseconds a request. */
  readonly cpu: Growth;
  /** Allocated heap, bytes a request. */
  readonly heap: Growth;
  /** The profiles themselves, by their names in the report folder. */
  readonly files: readonly string[];
}

/** One profiled quantity, a request. */
export interface Growth {
  /** Over all functions. Profiling itself costs: more than the report's own figures. */
  readonly reference: number;
  readonly candidate: number;
  /** Those that grew noticeably and beyond chance, the most first; a few at most. */
  readonly frames: readonly FrameGrowth[];
}

/** One function, without what it calls. */
export interface FrameGrowth {
  /**
   * As V8 has it: `(garbage collector)` and `(program)`, native code, are functions too. A native
   * function is named with the one that calls it and has its place: `now in spin`.
   * `(whole file)` stands for a file whose growth moved between its functions.
   */
  readonly name: string;
  /** From the root of its tree or package, or `node:...`; null where no file is concerned. */
  readonly file: string | null;
  /** Where the function begins, from 1, in the candidate's file if it is there. */
  readonly line: number | null;
  readonly reference: number;
  readonly candidate: number;
  readonly growth: number;
}
