/**
 * The one error of the registry: what was asked for, why it is not an implementation, and what to
 * do about it.
 */

/** What went wrong, for programs. */
export type RegistryErrorCode =
  /** Neither a built-in name nor a path. */
  | 'unknown-implementation'
  /** A part that the implementation does not have, or a selection that makes no sense. */
  | 'unknown-part'
  /** There is no file at the path. */
  | 'module-not-found'
  /** The module's syntax cannot be read by this Node. */
  | 'module-unreadable'
  /** The module threw while it was imported. */
  | 'module-failed'
  /** The module's default export is nothing that can be served. */
  | 'no-implementation'
  /** The default export is meant as an implementation, and fields of it are wrong. */
  | 'invalid-implementation'
  /** Written for another version of the contract. */
  | 'wrong-contract-version'
  /** A package that the implementation is an adapter of is not installed. */
  | 'package-missing'
  /** The listener factory threw, or gave back no listener. */
  | 'factory-failed'
  /** A program or a URL, where an implementation that this process can serve is needed. */
  | 'not-in-process';

/** An implementation could not be had. The message says what; `remedy` says what to do. */
export class RegistryError extends Error {
  override readonly name = 'RegistryError';
  readonly code: RegistryErrorCode;
  /** One sentence or more that name the fix. */
  readonly remedy: string;

  constructor(code: RegistryErrorCode, message: string, remedy: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.remedy = remedy;
  }
}
