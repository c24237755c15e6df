/**
 * The one error of adapters: their package is not there. A file of its own, so that the registry
 * knows it without loading what adapters need.
 */

/** A package is installed at none of the places where it is looked for. */
export class MissingPackage extends Error {
  override readonly name = 'MissingPackage';
  readonly code = 'package-missing';
  /** One sentence that names the fix. */
  readonly remedy: string;

  constructor(message: string, remedy: string) {
    super(message);
    this.remedy = remedy;
  }
}
