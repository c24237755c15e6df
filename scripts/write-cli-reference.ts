/**
 * Writes the tables of `docs/cli.md` anew from the commands, and `docs/conformance-cases.md` from the
 * conformance cases. Run it after a change to an option or a case; a test fails until then.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { CONFORMANCE_CASES } from '../impls/conformance/index.ts';
import { RFC_SECTIONS } from '../impls/conformance/sections.ts';
import { casesPage } from './cases-page.ts';
import { withReference } from './cli-reference.ts';

const path = new URL('../docs/cli.md', import.meta.url);
await writeFile(path, withReference(await readFile(path, 'utf8')));
await writeFile(
  new URL('../docs/conformance-cases.md', import.meta.url),
  casesPage(CONFORMANCE_CASES, RFC_SECTIONS),
);
