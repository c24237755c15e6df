/** What can go wrong with a server, as its operator reads it. */
export class ServerError extends Error {
  readonly code: string;
  /** What to do next, a sentence, or empty. */
  readonly remedy: string;
  /** What was asked for is wrong, as opposed to what could not be done here. */
  readonly isUsage: boolean;

  constructor(
    code: string,
    message: string,
    { remedy = '', isUsage = false }: { readonly remedy?: string; readonly isUsage?: boolean } = {},
  ) {
    super(message);
    this.name = 'ServerError';
    this.code = code;
    this.remedy = remedy;
    this.isUsage = isUsage;
  }
}
