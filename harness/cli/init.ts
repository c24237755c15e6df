/**
 * `hopmark init`: what a repository needs to have its proxy gated: a configuration, a workflow, a line
 * in .gitignore. What is there already stays as it is, unless one says otherwise.
 */
import { existsSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Command } from 'commander';
import { HopmarkError } from '../model/error.ts';
import { writeAtomically } from '../store/atomic-write.ts';
import { EXIT } from './exit-code.ts';
import { configTemplate, IGNORED, workflowTemplate } from './init-templates.ts';
import type { Shell } from './shell.ts';

interface InitOptions {
  readonly impl?: string;
  readonly force?: boolean;
  /** True unless it is switched off. */
  readonly workflow: boolean;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

type Step = {
  readonly file: string;
  readonly done: 'written' | 'added to' | 'kept';
};

const HELP = `
It writes hopmark.config.ts, .github/workflows/hopmark.yml and a line of .gitignore into the working
folder, and never overwrites a file without --force.

Examples:
  $ hopmark init --impl ./src/proxy.ts
  $ hopmark init --no-workflow

Exit codes: 0 done, or nothing to do; 2 the implementation is not there; 4 a file cannot be written.`;

/** Where a proxy usually is. */
const USUAL_PLACES = ['', 'src/', 'lib/'].flatMap((folder) =>
  ['proxy.ts', 'proxy.js', 'proxy.mjs', 'server.ts', 'server.js', 'index.js'].map(
    (name) => `./${folder}${name}`,
  ),
);
const CONFIG_FILES = ['hopmark.config.ts', 'hopmark.config.js', 'hopmark.config.json'];
const WORKFLOW_FILE = '.github/workflows/hopmark.yml';

/** The command. */
export function initCommand(shell: Shell): Command {
  return new Command('init')
    .description('write a configuration, a workflow and a line of .gitignore for a repository')
    .option('--impl <module>', 'the proxy that is judged (default: the first that is found)')
    .option('--no-workflow', 'no workflow for GitHub Actions')
    .option('--force', 'overwrite what is there')
    .option('--json', 'one JSON document on standard output')
    .option('-q, --quiet', 'print nothing')
    .addHelpText('after', HELP)
    .action((options: InitOptions) => init(shell, process.cwd(), options));
}

async function init(shell: Shell, folder: string, options: InitOptions): Promise<void> {
  const implementation = findImplementation(folder, options.impl);
  const config = CONFIG_FILES.find((name) => existsSync(join(folder, name)));
  const write = (file: string, content: string): Promise<Step> =>
    writeNew(folder, file, content, options.force === true);
  const steps: Step[] = [
    config === undefined || options.force === true
      ? await write('hopmark.config.ts', configTemplate(implementation ?? './proxy.ts'))
      : { file: config, done: 'kept' },
    ...(options.workflow ? [await write(WORKFLOW_FILE, workflowTemplate())] : []),
    await ignore(folder),
  ];
  if (options.json === true) {
    shell.out(`${JSON.stringify({ schemaVersion: 1, implementation, files: steps }, null, 2)}\n`);
  } else if (options.quiet !== true) shell.out(textOf(steps, implementation));
  shell.exit(EXIT.held);
}

function findImplementation(folder: string, given: string | undefined): string | null {
  if (given === undefined) {
    return USUAL_PLACES.find((place) => existsSync(join(folder, place))) ?? null;
  }
  if (existsSync(join(folder, given))) return given;
  throw new HopmarkError('user', 'no-such-module', `there is no ${given} in ${folder}`, {
    remedy: 'Give the path of the module that serves, from here, such as ./src/proxy.ts.',
  });
}

async function writeNew(
  folder: string,
  file: string,
  content: string,
  force: boolean,
): Promise<Step> {
  const path = join(folder, file);
  if (existsSync(path) && !force) return { file, done: 'kept' };
  await mkdir(dirname(path), { recursive: true });
  await writeAtomically(path, content);
  return { file, done: 'written' };
}

async function ignore(folder: string): Promise<Step> {
  const file = '.gitignore';
  const path = join(folder, file);
  const before = existsSync(path) ? await readFile(path, 'utf8') : '';
  const lines = before.split(/\r?\n/).map((line) => line.trim().replace(/^\//, ''));
  if (lines.some((line) => line === IGNORED || line === IGNORED.replace(/\/$/, ''))) {
    return { file, done: 'kept' };
  }
  const joint = before === '' || before.endsWith('\n') ? '' : '\n';
  await writeAtomically(path, `${before}${joint}${IGNORED}\n`);
  return { file, done: before === '' ? 'written' : 'added to' };
}

function textOf(steps: readonly Step[], implementation: string | null): string {
  const kept = steps.some(({ done }) => done === 'kept') ? ' (--force overwrites)' : '';
  const lines = steps.map(({ file, done }) => `  ${done.padEnd(8)}  ${file}`);
  const found =
    implementation === null
      ? 'No proxy was found: name yours in hopmark.config.ts, as implementation.'
      : `It judges ${implementation}.`;
  return [
    ...lines,
    '',
    `${found}${kept}`,
    '',
    'Next:',
    `  hopmark conform ${implementation ?? './proxy.ts'}      does it answer correctly?`,
    '  hopmark gate --against HEAD      did what is not committed make it worse?',
    '',
  ].join('\n');
}
