/**
 * Writes `docs/policy.schema.json`, the published JSON Schema of the policy file, from the schema
 * that checks it. Run it after a change to `impls/policy/schema.ts`, then `npm run fix` for the
 * layout; a test fails until then.
 */
import { writeFile } from 'node:fs/promises';
import { publishedPolicySchema } from '../impls/policy/published-schema.ts';

const file = new URL('../docs/policy.schema.json', import.meta.url);
await writeFile(file, publishedPolicySchema());
