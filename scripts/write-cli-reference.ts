/**
 * Writes the tables of `docs/cli.md` anew from the commands. Run it after a change to an option; a test fails
 * until then.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { withReference } from './cli-reference.ts';

const path = new URL('../docs/cli.md', import.meta.url);
await writeFile(path, withReference(await readFile(path, 'utf8')));
