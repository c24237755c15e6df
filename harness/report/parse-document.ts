/** A stored document from its text, checked against its schema; or a clear error. */
import { z } from 'zod';
import { HopmarkError } from '../model/error.ts';

/** What a document has to be. */
export interface DocumentKind<Document> {
  readonly schema: z.ZodType<Document>;
  /** The newest version that is known. */
  readonly version: number;
}

/**
 * The value of a JSON text. `path` is named in the error. Throws a user's HopmarkError,
 * `report-corrupt`, for what is no JSON.
 */
export function parseJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw corrupt(`${path} is not JSON, or was cut short`, cause);
  }
}

/**
 * A document from its value. Throws a user's HopmarkError: `report-corrupt` for what does not
 * meet the schema, `report-newer` for a version that is not known.
 */
export function parseDocument<Document>(
  value: unknown,
  path: string,
  { schema, version: known }: DocumentKind<Document>,
): Document {
  const version = z.looseObject({ schemaVersion: z.number() }).safeParse(value);
  if (version.success && version.data.schemaVersion > known) {
    const found = version.data.schemaVersion;
    throw new HopmarkError(
      'user',
      'report-newer',
      `${path} has report schema ${found}, and this version of Hopmark knows up to ${known}`,
      { remedy: 'Read it with the version of Hopmark that wrote it, or a later one.' },
    );
  }
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const where = issue === undefined || issue.path.length === 0 ? '' : ` at ${issue.path.join('.')}`;
  throw corrupt(
    `${path} is not a Hopmark report${where}: ${issue?.message ?? 'unreadable'}`,
    result.error,
  );
}

function corrupt(message: string, cause: unknown): HopmarkError {
  return new HopmarkError('user', 'report-corrupt', message, {
    remedy: 'Give the path of a report.json that Hopmark wrote, or run the comparison again.',
    cause,
  });
}
