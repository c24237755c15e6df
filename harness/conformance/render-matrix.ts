/**
 * The matrix of several implementations as text of a fixed width: who was held to what, the table of
 * tiers and families in as many parts as fit side by side, claims that do not hold with their bytes,
 * and what is declared, by reason, with the command that shows the bytes of each.
 */
import type { ConformanceMatrix, HeldRow, UnavailableRow } from '../model/conformance.ts';
import {
  brokenClaims,
  countIn,
  describeCount,
  heldRows,
  type MatrixLine,
  matrixLines,
  metAfterAll,
  reasonOf,
  unavailableRows,
  unmetAsSaid,
  untriedByReason,
} from './matrix.ts';
import { renderFailure } from './render.ts';
import { type Paint, painter, type Style, wrap } from './text.ts';

export interface MatrixRenderOptions {
  readonly color: boolean;
  /** Columns of the terminal. */
  readonly width: number;
}

const GAP = 2;
const LEGEND =
  '6/6 -2: of the cases that it claims, 6 of 6 hold; 2 more it declares not to meet. ' +
  '(3/8): it does not claim the tier, and 3 of 8 hold.';

export function renderMatrix(matrix: ConformanceMatrix, options: MatrixRenderOptions): string {
  const paint = painter(options.color);
  const { width } = options;
  const held = heldRows(matrix);
  const parts = [
    matrix.rows.flatMap((row) => {
      const line = row.state === 'held' ? identityOf(row) : absenceOf(row);
      return wrap(`${row.spec}: ${line}`, width, '', '  ');
    }),
    ...tables(matrix, width, paint),
    wrap(LEGEND, width, '').map((line) => paint('faint', line)),
    ...held.flatMap((row) => broken(row, options, paint)),
    ...held.flatMap((row) => [unmet(row, width, paint), untried(row, width, paint)]),
    held.flatMap((row) => surprises(row, width)),
    summary(matrix, width, paint),
  ];
  const shown = parts.filter((lines) => lines.length > 0).map((lines) => lines.join('\n'));
  return `${shown.join('\n\n')}\n`;
}

function identityOf({ version, capabilities }: HeldRow): string {
  const claims = capabilities.length === 0 ? 'claims no tier' : `claims ${capabilities.join(', ')}`;
  return version === null ? claims : `${version}; ${claims}`;
}

function absenceOf({ reason, remedy }: UnavailableRow): string {
  return `not available here: ${[reason, remedy].filter((text) => text !== '').join('. ')}`;
}

/** Each claim that does not hold, with its bytes. */
function broken(row: HeldRow, options: MatrixRenderOptions, paint: Paint): string[][] {
  const failures = brokenClaims(row).map((one) => [
    renderFailure(one, { ...options, implementation: row.spec }, paint),
  ]);
  if (failures.length === 0) return [];
  return [[paint('strong', `${row.spec}, claimed and not met:`)], ...failures];
}

/** A table for each group of implementations that fit side by side. */
function tables(matrix: ConformanceMatrix, width: number, paint: Paint): string[][] {
  const lines = matrixLines(matrix);
  const labels = lines.map(({ tier, family }) => (family === null ? tier : `  ${family}`));
  const first = Math.max(...labels.map((label) => label.length), 0);
  const columns = heldRows(matrix).map((row) => {
    const cells = lines.map((line) => describeCount(countIn(row, line)));
    return { row, cells, width: Math.max(row.spec.length, ...cells.map((cell) => cell.length)) };
  });
  const groups: (typeof columns)[] = [];
  let used = Number.POSITIVE_INFINITY;
  for (const column of columns) {
    if (used + GAP + column.width > width) {
      groups.push([]);
      used = first;
    }
    groups.at(-1)?.push(column);
    used += GAP + column.width;
  }
  return groups.map((group) => {
    const head = group.map((column) => pad(column.row.spec, column.width, 'strong', paint));
    const rows = lines.flatMap((line, index) => {
      // A tier that none of the group was held to has no lines.
      if (group.every(({ row }) => countIn(row, line) === null)) return [];
      const label = labels[index] ?? '';
      const style: Style = line.family === null ? 'strong' : 'plain';
      const cells = group.map(({ row, cells, width: columnWidth }) =>
        pad(cells[index] ?? '', columnWidth, styleOf(row, line), paint),
      );
      return [paint(style, label) + ' '.repeat(first - label.length) + cells.join('')];
    });
    return [' '.repeat(first) + head.join(''), ...rows];
  });
}

function pad(text: string, width: number, style: Style, paint: Paint): string {
  return ' '.repeat(GAP + width - text.length) + paint(style, text);
}

function styleOf(row: HeldRow, line: MatrixLine): Style {
  const count = countIn(row, line);
  if (count === null || count.claimed === 0) return 'faint';
  return count.passed < count.claimed ? 'bad' : 'good';
}

/** What an implementation does not meet and does not claim to, by reason. */
function unmet(row: HeldRow, width: number, paint: Paint): string[] {
  const cases = unmetAsSaid(row);
  if (cases.length === 0) return [];
  const byReason = [...Map.groupBy(cases, reasonOf)].map(
    ([reason, some]) => [reason, some.map(({ id }) => id)] as const,
  );
  return [
    paint('strong', `${row.spec}, not met and not claimed:`),
    ...reasons(byReason, width),
    `  ${paint('strong', `hopmark conform ${row.spec} --case ID`)} shows one with its bytes`,
  ];
}

/** What could not be tried on it. */
function untried(row: HeldRow, width: number, paint: Paint): string[] {
  const byReason = untriedByReason(row);
  if (byReason.size === 0) return [];
  return [paint('strong', `${row.spec}, not tried:`), ...reasons(byReason, width)];
}

function reasons(
  byReason: Iterable<readonly [reason: string, ids: readonly string[]]>,
  width: number,
): string[] {
  return [...byReason].flatMap(([reason, ids]) => [
    ...wrap(`- ${reason}`, width, '  ', '    '),
    ...wrap(ids.join(' '), width, '    '),
  ]);
}

function surprises(row: HeldRow, width: number): string[] {
  const met = metAfterAll(row).map(({ id }) => id);
  if (met.length === 0) return [];
  const said = `${row.spec} meets what it declares that it cannot: ${met.join(' ')}`;
  return wrap(said, width, '! ', '  ');
}

function summary(matrix: ConformanceMatrix, width: number, paint: Paint): string[] {
  const held = heldRows(matrix);
  const failing = held.filter((row) => brokenClaims(row).length > 0).map(({ spec }) => spec);
  const absent = unavailableRows(matrix).map(({ spec }) => spec);
  const kept = held.length - failing.length;
  const sentence = [
    `${kept} of ${held.length} meet what they claim`,
    ...(failing.length === 0 ? [] : [`not ${failing.join(', ')}`]),
    ...(absent.length === 0 ? [] : [`not available here: ${absent.join(', ')}`]),
  ].join('; ');
  const style = failing.length > 0 ? 'bad' : 'good';
  return wrap(sentence, width, '', '  ').map((line) => paint(style, line));
}
