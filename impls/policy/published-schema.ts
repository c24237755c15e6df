/** The JSON Schema that editors complete and check a policy file with, as text. */
import { policyJsonSchema } from './schema-problems.ts';

/**
 * The content of `docs/policy.schema.json`. It says less than the loader checks: patterns are not
 * judged, nor are quantities in text held to their range.
 */
export function publishedPolicySchema(): string {
  const { $schema, ...schema } = policyJsonSchema();
  const title = 'Hopmark policy';
  const description = 'What a proxy forwards, drops, logs and redacts. See docs/policy.md.';
  return `${JSON.stringify({ $schema, title, description, ...schema }, null, 2)}\n`;
}
