/**
 * The conformance table as text: families by tier, then every failure with its evidence and the
 * command that shows it again, then the skips with their reasons.
 */
import type { Tier } from '../../impls/contract.ts';
import type {
  CaseEvidence,
  CaseResult,
  ConformanceResult,
  FailedCase,
  SkippedCase,
} from '../model/conformance.ts';
import { cutAt, type Paint, painter, type Style, wrap } from './text.ts';

export interface RenderOptions {
  readonly color: boolean;
  /** Columns of the terminal. */
  readonly width: number;
  /** The implementation as the user named it, for the commands that show a failure again. */
  readonly implementation: string;
  /** Why it declares that it cannot meet a case, by its id, for those that were run all the same. */
  readonly declared?: ReadonlyMap<string, string>;
}

const TIERS: readonly Tier[] = ['forwarding', 'strict', 'policy'];

export function renderConformance(result: ConformanceResult, options: RenderOptions): string {
  const paint = painter(options.color);
  const failed = result.cases.filter((one) => one.status === 'failed');
  const skipped = result.cases.filter((one) => one.status === 'skipped');
  const parts = [
    renderTable(result, paint),
    renderSummary(result, options, paint),
    ...failed.map((one) => renderFailure(one, options, paint)),
    ...(skipped.length === 0 ? [] : [renderSkips(skipped, options, paint)]),
  ];
  return `${parts.join('\n\n')}\n`;
}

/** One row a family: `passed/run` in each tier that has cases of it, and what was skipped. */
function renderTable(result: ConformanceResult, paint: Paint): string {
  const tiers = TIERS.filter((tier) => result.tiers[tier] !== undefined);
  const families = [...new Set(result.cases.map((one) => one.family))];
  const rows = families.map((family) => [
    { text: family, style: 'plain' as const },
    ...tiers.map((tier) =>
      cell(result.cases.filter((one) => one.family === family && one.tier === tier)),
    ),
  ]);
  const total = [
    { text: 'all', style: 'strong' as const },
    ...tiers.map((tier) => cell(result.cases.filter((one) => one.tier === tier))),
  ];
  const head = ['family', ...tiers].map((text) => ({ text, style: 'strong' as const }));
  const all = [head, ...rows, total];
  const widths = head.map((_, column) =>
    Math.max(...all.map((row) => row[column]?.text.length ?? 0)),
  );
  return all
    .map((row) =>
      row
        .map(({ text, style }, column) => {
          const padding = ' '.repeat((widths[column] ?? 0) - text.length);
          return paint(style, text) + padding;
        })
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

interface Cell {
  readonly text: string;
  readonly style: Style;
}

function cell(cases: readonly CaseResult[]): Cell {
  if (cases.length === 0) return { text: '-', style: 'faint' };
  const count = (status: CaseResult['status']): number =>
    cases.filter((one) => one.status === status).length;
  const skipped = count('skipped');
  const run = cases.length - skipped;
  const ran = run === 0 ? [] : [`${count('passed')}/${run}`];
  const text = [...ran, ...(skipped === 0 ? [] : [`${skipped} skipped`])].join(', ');
  return { text, style: count('failed') > 0 ? 'bad' : 'good' };
}

function renderSummary(result: ConformanceResult, options: RenderOptions, paint: Paint): string {
  const count = (status: CaseResult['status']): number =>
    result.cases.filter((one) => one.status === status).length;
  const seconds = (result.durationMs / 1000).toFixed(1);
  const [passed, failed, skipped] = [count('passed'), count('failed'), count('skipped')];
  const sentence =
    `${options.implementation}: ${passed} passed, ${failed} failed, ${skipped} skipped ` +
    `in ${seconds} s; highest tier without a failure: ${result.highestTier ?? 'none'}`;
  const style = failed > 0 ? 'bad' : 'good';
  return wrap(sentence, options.width, '', '  ')
    .map((line) => paint(style, line))
    .join('\n');
}

/** One failure: what must hold, what did not, the bytes on each side, and the command for it. */
export function renderFailure(one: FailedCase, options: RenderOptions, paint: Paint): string {
  const { width } = options;
  const declared = options.declared?.get(one.id);
  return [
    ...wrap(`FAILED ${one.id} (${one.tier}, ${one.family})`, width, '', '  ').map((line) =>
      paint('bad', line),
    ),
    ...wrap(`${one.title} [${one.section}]`, width, '  '),
    ...one.failures.flatMap((text) => wrap(`- ${text}`, width, '  ', '    ')),
    ...(declared === undefined ? [] : wrap(`as it declares: ${declared}`, width, '  ', '    ')),
    ...(one.evidence === null ? [] : renderEvidence(one.evidence, width, paint)),
    `  ${paint('strong', `hopmark conform ${options.implementation} --case ${one.id}`)}`,
  ].join('\n');
}

function renderEvidence(evidence: CaseEvidence, width: number, paint: Paint): readonly string[] {
  const block = (title: string, connections: readonly string[]): readonly string[] =>
    connections.flatMap((bytes, index) => {
      const number = connections.length > 1 ? ` ${index + 1}` : '';
      return [paint('faint', `  ${title}${number}:`), ...wireLines(bytes, width)];
    });
  const nothing = paint('faint', '  the origin received nothing');
  return [
    ...block('sent', evidence.sent),
    ...(evidence.receivedByOrigin.length === 0
      ? [nothing]
      : block('the origin received', evidence.receivedByOrigin)),
    ...block('answered', evidence.answered),
    ...block('logged', evidence.logLines),
  ];
}

/** A line of its own for each line on the wire. */
function wireLines(bytes: string, width: number): readonly string[] {
  const lines = bytes === '' ? ['(nothing)'] : bytes.split(/(?<=\\n)/);
  return lines.flatMap((line) => cutAt(line, width - 4).map((piece) => `    ${piece}`));
}

/** By reason, since one reason often explains several. */
function renderSkips(skips: readonly SkippedCase[], options: RenderOptions, paint: Paint): string {
  const reasons = [...new Set(skips.map(({ reason }) => reason))];
  return [
    paint('strong', 'Skipped, as the implementation declares:'),
    ...reasons.flatMap((reason) => {
      const ids = skips.filter((one) => one.reason === reason).map(({ id }) => id);
      return [
        ...wrap(`- ${reason}`, options.width, '  ', '    '),
        ...wrap(ids.join(' '), options.width, '    '),
      ];
    }),
  ].join('\n');
}
