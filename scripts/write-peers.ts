/**
 * Writes `docs/peers.md`: holds every built-in proxy against conformance, measures those that forward
 * correctly side by side, and puts both on one page. Both are the commands that users run.
 *
 *   node scripts/write-peers.ts [--budget 300s] [--only NAME]... [--out FILE] [--smoke]
 *
 * `--only` takes these names, two at least, in place of all that are installed; `--smoke` measures a few waves and
 * runs few cases, to see that all works. Without `--out` a smoke run writes nowhere but to standard
 * output.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { packageRoot } from '../harness/cli/version.ts';
import { brokenClaims, heldRows } from '../harness/conformance/matrix.ts';
import type { ConformanceMatrix } from '../harness/model/conformance.ts';
import { parseReport } from '../harness/report/schema.ts';
import { peersPage } from './peers-page.ts';
import { scriptOptions } from './script-options.ts';

const { values } = scriptOptions({
  options: {
    budget: { type: 'string', default: '300s' },
    only: { type: 'string', multiple: true },
    out: { type: 'string' },
    smoke: { type: 'boolean', default: false },
  },
});

/** What all others are held against; the original is compared with it elsewhere. */
const REFERENCE = 'optimized';
const NOT_MEASURED = ['baseline'];
/** Shown and not ranked. */
const FLOOR = 'splice';

/** Our own document, printed by a child a moment ago: its frame is checked, and what is used of it. */
const DOCUMENT = z.object({
  schemaVersion: z.literal(1),
  implementations: z.array(
    z.custom<ConformanceMatrix['rows'][number]>(
      (row) =>
        z.object({ state: z.enum(['held', 'unavailable']), spec: z.string() }).safeParse(row)
          .success,
    ),
  ),
});

const reports = await mkdtemp(join(tmpdir(), 'hopmark-peers-'));
try {
  const matrix = await holdAll();
  const text = await hopmark('compare', ...contest(matrix), ...extent(), '--reports', reports);
  const page = peersPage({ report: parseReport(text, 'the comparison of peers'), matrix });
  const out = values.out ?? (values.smoke ? null : join(packageRoot(), 'docs', 'peers.md'));
  if (out === null) process.stdout.write(page);
  else await writeFile(out, page);
} finally {
  await rm(reports, { recursive: true, force: true });
}

function extent(): readonly string[] {
  return values.smoke ? ['--smoke'] : ['--budget', values.budget];
}

async function holdAll(): Promise<ConformanceMatrix> {
  const names = values.only ?? ['--all'];
  const text = await hopmark('conform', ...names, ...(values.smoke ? ['--fast'] : []));
  const { implementations } = DOCUMENT.parse(JSON.parse(text));
  return { rows: implementations };
}

/** Who is compared: the reference, whoever meets what it claims of forwarding, and the floor. */
function contest(matrix: ConformanceMatrix): readonly string[] {
  const held = heldRows(matrix);
  const able = held
    .filter((row) => row.capabilities.includes('forwarding') && brokenClaims(row).length === 0)
    .map(({ spec }) => spec)
    .filter((spec) => spec !== REFERENCE && !NOT_MEASURED.includes(spec));
  const floor = held.some(({ spec }) => spec === FLOOR) ? ['--floor', FLOOR] : [];
  return [REFERENCE, ...able, ...floor];
}

/** Runs a command with `--json` and gives what it printed, whatever its exit code says of the figures. */
async function hopmark(...args: readonly string[]): Promise<string> {
  const launcher = join(packageRoot(), 'bin', 'hopmark.js');
  const child = spawn(process.execPath, [launcher, ...args, '--json'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => {
    text += chunk.toString();
  });
  const [code] = await once(child, 'close');
  if (text === '')
    throw new Error(`hopmark ${args.join(' ')} printed nothing and exited with ${code}`);
  return text;
}
