/**
 * The one shape of an operating error: what happened, on which side, and what to do about it.
 * Mistakes of a programmer are plain assertions and are not this.
 */

/** Where an error arose. `user`: flags, files, names. `machine`: what the host lacks or refuses. */
export type ErrorSide = 'user' | 'sut' | 'origin' | 'driver' | 'harness' | 'machine';

/** An error with a remedy. The command line turns its side into an exit code. */
export class HopmarkError extends Error {
  /** A stable kebab-case name, such as `sut-exited`. */
  readonly code: string;
  readonly side: ErrorSide;
  /** What the reader can do now, a sentence; empty if there is nothing. */
  readonly remedy: string;

  constructor(
    side: ErrorSide,
    code: string,
    message: string,
    options: { readonly remedy?: string; readonly cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'HopmarkError';
    this.side = side;
    this.code = code;
    this.remedy = options.remedy ?? '';
  }
}
