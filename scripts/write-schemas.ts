/**
 * Writes the published JSON Schemas from the schemas that check: `docs/policy.schema.json` of the
 * policy file, `docs/report.schema.json` and `docs/load-report.schema.json` of reports. Run it after
 * a change to any, then `npm run fix` for the layout; tests fail until then.
 */
import { writeFile } from 'node:fs/promises';
import { publishedLoadSchema } from '../harness/report/load-schema.ts';
import { publishedSchema } from '../harness/report/schema.ts';
import { publishedPolicySchema } from '../impls/policy/published-schema.ts';

const inDocs = (name: string): URL => new URL(`../docs/${name}`, import.meta.url);
await writeFile(inDocs('policy.schema.json'), publishedPolicySchema());
await writeFile(inDocs('report.schema.json'), `${JSON.stringify(publishedSchema(), null, 2)}\n`);
await writeFile(
  inDocs('load-report.schema.json'),
  `${JSON.stringify(publishedLoadSchema(), null, 2)}\n`,
);
