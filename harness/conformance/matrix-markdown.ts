/**
 * The matrix of several implementations as Markdown, GitHub's dialect: versions, the table, and what
 * each does not meet, with its bytes folded away where they are asked for.
 */
import type { CaseEvidence, ConformanceMatrix, HeldRow } from '../model/conformance.ts';
import { escapeMarkup, tableOf } from '../report/markdown-table.ts';
import {
  brokenClaims,
  countIn,
  describeCount,
  heldRows,
  matrixLines,
  metAfterAll,
  reasonOf,
  type Unmet,
  unmetAsSaid,
  untriedByReason,
} from './matrix.ts';

/** `evidence`: with the bytes of every case that is not met. `level`: of the first heading, 1 to 5. */
export function matrixMarkdown(
  matrix: ConformanceMatrix,
  { evidence, level }: { readonly evidence: boolean; readonly level: number },
): string {
  const hashes = '#'.repeat(level);
  const sections = [
    `${hashes} Conformance`,
    implementations(matrix),
    tables(matrix),
    'Each cell is passed of claimed: `6/6 -2` is 6 of 6, and two more that it declares not to meet; ' +
      '`(3/8)` is 3 of 8 in a tier that it does not claim.',
    ...heldRows(matrix).map((row) => unmet(row, `${hashes}#`, evidence)),
  ];
  return `${sections.filter((section) => section !== '').join('\n\n')}\n`;
}

function implementations({ rows }: ConformanceMatrix): string {
  return tableOf(
    ['implementation', 'version', 'claims', 'meets what it claims'],
    rows.map((row) => {
      if (row.state === 'unavailable') {
        return [code(row.spec), 'n/a', 'n/a', `not available here: ${escapeMarkup(row.reason)}`];
      }
      const broken = brokenClaims(row).length;
      const claims = row.capabilities.length > 0;
      return [
        code(row.spec),
        escapeMarkup(row.version ?? 'n/a'),
        claims ? row.capabilities.join(', ') : 'nothing',
        claims ? (broken === 0 ? 'yes' : `no: ${broken} fail`) : '',
      ];
    }),
    'llll',
  );
}

/** A table for each tier, of those that were held to it. */
function tables(matrix: ConformanceMatrix): string {
  const lines = matrixLines(matrix);
  return [...Map.groupBy(lines, ({ tier }) => tier)]
    .map(([, ofTier]) => {
      const held = heldRows(matrix).filter((row) => ofTier.some((line) => countIn(row, line)));
      return tableOf(
        ['', ...held.map(({ spec }) => escapeMarkup(spec))],
        ofTier.map((line) => [
          line.family ?? `**${line.tier}**`,
          ...held.map((row) => describeCount(countIn(row, line))),
        ]),
        `l${'r'.repeat(held.length)}`,
      );
    })
    .join('\n\n');
}

function unmet(row: HeldRow, hashes: string, evidence: boolean): string {
  const broken = brokenClaims(row);
  const said = unmetAsSaid(row);
  const met = metAfterAll(row);
  const untried = [...untriedByReason(row)].map(
    ([reason, ids]) => `- ${escapeMarkup(reason)}: ${ids.map(code).join(', ')}`,
  );
  if (broken.length + said.length + met.length + untried.length === 0) return '';
  const show = evidence ? folded : listed;
  return [
    `${hashes} ${escapeMarkup(row.spec)}`,
    ...(broken.length === 0 ? [] : ['It claims to meet these, and does not:']),
    show(row, broken, ({ failures }) => failures.join('; ')),
    ...(said.length === 0 ? [] : ['Not met, and not claimed:']),
    show(row, said, reasonOf),
    ...(untried.length === 0 ? [] : ['Not tried:', untried.join('\n')]),
    ...(met.length === 0
      ? []
      : [`It meets what it declares that it cannot: ${met.map(({ id }) => code(id)).join(', ')}.`]),
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

/** By reason, with the command that shows the bytes of one. */
function listed(row: HeldRow, cases: readonly Unmet[], why: (one: Unmet) => string): string {
  const items = [...Map.groupBy(cases, why)].map(([reason, some]) => {
    const ids = some.map(({ id }) => code(id)).join(', ');
    return `- ${escapeMarkup(reason)}: ${ids}`;
  });
  if (items.length === 0) return '';
  return `${items.join('\n')}\n\n\`hopmark conform ${row.spec} --case ID\` shows one with its bytes.`;
}

/** Each with its bytes. */
function folded(row: HeldRow, cases: readonly Unmet[], why: (one: Unmet) => string): string {
  return cases
    .map((one) =>
      [
        `<details>\n<summary><code>${one.id}</code>: ${escapeMarkup(why(one))}</summary>`,
        `${escapeMarkup(one.title)} [${escapeMarkup(one.section)}]`,
        ...one.failures.map((failure) => `- ${escapeMarkup(failure)}`),
        ...(one.evidence === null ? [] : [fenced(one.evidence)]),
        `\`hopmark conform ${row.spec} --case ${one.id}\``,
        '</details>',
      ].join('\n\n'),
    )
    .join('\n\n');
}

/** Each line on the wire in a line of its own. */
function fenced(evidence: CaseEvidence): string {
  const block = (title: string, connections: readonly string[]): readonly string[] =>
    connections.flatMap((bytes, index) => [
      `${title}${connections.length > 1 ? ` ${index + 1}` : ''}:`,
      ...(bytes === '' ? ['(nothing)'] : bytes.split(/(?<=\\n)/)).map((line) => `  ${line}`),
    ]);
  const lines = [
    ...block('sent', evidence.sent),
    ...(evidence.receivedByOrigin.length === 0
      ? ['the origin received nothing']
      : block('the origin received', evidence.receivedByOrigin)),
    ...block('answered', evidence.answered),
    ...block('logged', evidence.logLines),
  ];
  return `~~~~text\n${lines.join('\n').replaceAll('~~~~', '~ ~ ~ ~')}\n~~~~`;
}

function code(text: string): string {
  return `\`${text.replaceAll('`', "'")}\``;
}
