/** `hopmark record FILE`: a HAR file or an access log to a scenario file that `--scenario` takes. */
import { existsSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { loadPolicyFile } from '../../impls/policy/load.ts';
import type { Policy } from '../../impls/policy/policy.ts';
import { HopmarkError } from '../model/error.ts';
import { MAX_LARGE_BODY_BYTES } from '../model/scenario.ts';
import { droppedBy } from '../recording/dropped-by-policy.ts';
import { type RecordedFile, recordFile } from '../recording/record-file.ts';
import { MOST_REQUESTS, type RecordingSummary } from '../recording/recorder.ts';
import { writeAtomically } from '../store/atomic-write.ts';
import { EXIT } from './exit-code.ts';
import { parseBodySize, parseRequests } from './option.ts';
import { ProgressLine } from './progress.ts';
import type { Shell } from './shell.ts';
import { packageRoot } from './version.ts';

interface RecordOptions {
  readonly output?: string;
  readonly name?: string;
  readonly host?: readonly string[];
  readonly limit: number;
  readonly maxBody: number;
  readonly policy?: string;
  readonly force?: boolean;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

const HELP = `
FILE is a HAR file (HTTP Archive 1.2), or an access log in the common or combined format, or one of
JSON lines. The format is found out. Kept are methods, targets, sizes, statuses and the header fields
that the recording has, in their order; bodies are invented. Credentials in header fields and in
queries are replaced; paths and other values are kept, so look at the file before you give it away.
Left out: requests without an answer, CONNECT, upgrades, what HTTP does not allow, what the policy of
later runs drops, and, unless --host says otherwise, requests to other hosts than the one that has most.

Examples:
  $ hopmark record access.log
  $ hopmark compare baseline optimized --scenario access.scenario.json
  $ hopmark record shop.har --host www.shop.example --host api.shop.example
  $ hopmark record app.jsonl --limit 5000 --output scenarios/app.json

Exit codes: 0 written; 2 usage, or a file that is no recording; 4 it can't be written.`;

const DEFAULT_MAX_BODY = 1_048_576;
const DEFAULT_COLUMNS = 80;

/** The command. */
export function recordCommand(shell: Shell): Command {
  return new Command('record')
    .description('turn a HAR file or an access log into a scenario')
    .argument('<file>', 'the recording')
    .option('-o, --output <file>', 'where the scenario goes (default: NAME.scenario.json here)')
    .option('--name <name>', 'its name (default: from the file)', parseName)
    .option(
      '--host <host>',
      'keep the requests to this host, or to all; may be given again (default: the one that has most)',
      (one: string, all: readonly string[] | undefined) => [...(all ?? []), one],
    )
    .option(
      '--limit <count>',
      'keep this many requests, the first ones',
      parseRequests,
      MOST_REQUESTS,
    )
    .addOption(
      new Option('--max-body <size>', 'a larger body is recorded as one of this size')
        .argParser(parseBodySize)
        .default(DEFAULT_MAX_BODY, '1MB'),
    )
    .option(
      '--policy <file>',
      'leave out what its rules drop, or none to keep all (default: examples/policy.yaml)',
    )
    .option('--force', 'replace a scenario file that is there')
    .option('--json', 'what was recorded as one JSON document on standard output')
    .option('-q, --quiet', 'no progress')
    .addHelpText('after', HELP)
    .action(async (file: string, options: RecordOptions) => record(shell, file, options));
}

function parseName(text: string): string {
  if (/^[a-z0-9][a-z0-9-]{0,39}$/.test(text)) return text;
  throw new InvalidArgumentError('Expected up to 40 lower-case letters, digits and dashes.');
}

async function record(shell: Shell, file: string, options: RecordOptions): Promise<void> {
  const progress = new ProgressLine({
    write: options.quiet === true ? () => {} : shell.err,
    isTerminal: process.stderr.isTTY === true,
    columns: process.stderr.columns ?? DEFAULT_COLUMNS,
    nowMs: () => performance.now(),
  });
  try {
    const policy = await policyOf(options.policy);
    const recorded = await recordFile(file, {
      isDropped: policy === null ? () => false : droppedBy(policy),
      limit: options.limit,
      mostBodyBytes: Math.min(options.maxBody, MAX_LARGE_BODY_BYTES),
      ...(options.name === undefined ? {} : { name: options.name }),
      ...(options.host === undefined ? {} : { hosts: options.host }),
      signal: shell.signal,
      onProgress: (bytes) =>
        progress.show('reading', () => `${basename(file)}: ${Math.round(bytes / 1e6)} MB read`),
    });
    progress.end();
    const path = resolve(options.output ?? `${recorded.scenario.name}.scenario.json`);
    refuseOverwriting(path, options.force === true);
    await writeAtomically(path, scenarioText(recorded));
    const shown = relative(process.cwd(), path) || path;
    shell.out(
      options.json === true
        ? `${JSON.stringify({ schemaVersion: 1, scenario: shown, name: recorded.scenario.name, format: recorded.format, ...recorded.summary }, null, 2)}\n`
        : summaryText(recorded, shown),
    );
    shell.exit(EXIT.held);
  } finally {
    progress.end();
  }
}

/** The policy of later runs; null: there is none. */
function policyOf(asked: string | undefined): Promise<Policy | null> {
  if (asked === 'none') return Promise.resolve(null);
  return loadPolicyFile(asked ?? join(packageRoot(), 'examples', 'policy.yaml'));
}

function refuseOverwriting(path: string, force: boolean): void {
  if (force || !existsSync(path)) return;
  throw new HopmarkError('user', 'scenario-exists', `${path} is there already`, {
    remedy: `--force replaces it, --output names another file in ${dirname(path)} or elsewhere.`,
  });
}

/** One exchange a line, so that people can read it and versions can be compared. */
function scenarioText({ scenario }: RecordedFile): string {
  const { exchanges, order, ...head } = scenario;
  const lines = exchanges.map((exchange) => `    ${JSON.stringify(exchange)}`);
  const opening = JSON.stringify(head, null, 2).replace(/\n\}$/, '');
  return `${opening},\n  "exchanges": [\n${lines.join(',\n')}\n  ],\n  "order": ${JSON.stringify(order)}\n}\n`;
}

const FORMATS: Readonly<Record<RecordedFile['format'], string>> = {
  har: 'HAR file',
  combined: 'access log, common or combined format',
  json: 'access log, JSON lines',
};
const MOST_SHOWN = 6;

function summaryText({ scenario, format, summary }: RecordedFile, path: string): string {
  const lines = [
    `${scenario.name}: ${summary.requests} requests, ${summary.distinct} distinct  (${FORMATS[format]})`,
    '',
    `  methods   ${counts(summary.methods)}`,
    `  statuses  ${counts(summary.statuses)}`,
    ...hostLines(summary),
    ...leftOutLines(summary),
    `  redacted  ${summary.redacted.fields} header fields, ${summary.redacted.queryValues} targets and URLs with secrets in their query`,
    '',
    `Written to ${path}. Use it with --scenario ${path.includes('/') ? path : `./${path}`}`,
  ];
  return `${lines.join('\n')}\n`;
}

function hostLines({ hosts }: RecordingSummary): string[] {
  const kept = Object.keys(hosts.kept).length === 0 ? [] : [`  hosts     ${counts(hosts.kept)}`];
  const others = Object.values(hosts.leftOut).reduce((sum, count) => sum + count, 0);
  if (others === 0) return kept;
  const names = counts(hosts.leftOut);
  return [
    ...kept,
    `  left out  ${others} requests to other hosts: ${names}; --host all keeps them`,
  ];
}

function leftOutLines(summary: RecordingSummary): string[] {
  const { skipped, unreadable, cutBodies, limited } = summary;
  return [
    ...Object.entries(skipped).map(([reason, count]) => `  left out  ${count}: ${reason}`),
    ...(unreadable.count === 0 ? [] : [`  left out  ${unreadable.count} that cannot be read`]),
    ...unreadable.examples.map(({ number, beginning }) => `            ${number}: ${beginning}`),
    ...(cutBodies === 0 ? [] : [`  shortened ${cutBodies} bodies; --max-body keeps larger ones`]),
    ...(limited ? ['  The file goes on: the rest was not read (--limit).'] : []),
  ];
}

function counts(of: Readonly<Record<string, number>>): string {
  const entries = Object.entries(of);
  const shown = entries.slice(0, MOST_SHOWN).map(([name, count]) => `${name} ${count}`);
  const more = entries.length > MOST_SHOWN ? `, and ${entries.length - MOST_SHOWN} more` : '';
  return `${shown.join(', ')}${more}`;
}
