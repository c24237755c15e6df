/** The targets of a run for people, on a terminal or in Markdown. Nothing is judged here. */
import type { TargetResult } from '../model/report.ts';
import { type Cell, type Column, layoutTable, wrap } from './layout.ts';
import { chooseUnit, formatCount, formatIn, formatQuantity } from './number.ts';
import { createPaint, type Paint, type Style } from './style.ts';

const LEFT: Column = { align: 'left' };
const RIGHT: Column = { align: 'right' };

const STYLES: Readonly<Record<TargetResult['verdict'], Style>> = {
  met: 'green',
  missed: 'red',
  inconclusive: 'yellow',
};

const HEAD = ['target', 'in', 'limit', 'observed', '(interval)', ''];

/** The lines of the table; none without targets. */
export function targetLines(
  targets: readonly TargetResult[],
  options: { readonly width: number; readonly paint: Paint },
): string[] {
  if (targets.length === 0) return [];
  const rows = targets.map((target): Cell[] => {
    const [name = '', ...cells] = rowOf(target);
    const verdict: Cell = { text: target.verdict, style: STYLES[target.verdict] };
    return [{ text: `  ${name}` }, ...cells.map((text): Cell => ({ text })), verdict];
  });
  const head = HEAD.map((text, i): Cell => ({ text: i === 0 ? `  ${text}` : text, style: 'dim' }));
  return [
    ...layoutTable([LEFT, LEFT, RIGHT, RIGHT, LEFT, LEFT], [head, ...rows], options),
    `  ${targetSentence(targets)}`,
    ...disturbedSentences(targets).flatMap((line) => wrap(line, options.width, '  ')),
  ];
}

/** The table as a block of its own, an empty line before it; nothing without targets. */
export function renderTargets(
  targets: readonly TargetResult[],
  { color, width }: { readonly color: boolean; readonly width: number },
): string {
  const lines = targetLines(targets, { width, paint: createPaint(color) });
  return lines.length === 0 ? '' : `\n${lines.join('\n')}\n`;
}

/** Cells for a Markdown table, the head first; none without targets. */
export function targetCells(targets: readonly TargetResult[]): readonly (readonly string[])[] {
  if (targets.length === 0) return [];
  return [
    HEAD.map((text) => text || 'verdict'),
    ...targets.map((target) => [...rowOf(target), target.verdict]),
  ];
}

/** `21 of 23 targets met, 1 missed, 1 inconclusive.` */
export function targetSentence(targets: readonly TargetResult[]): string {
  const count = (verdict: TargetResult['verdict']): number =>
    targets.filter((one) => one.verdict === verdict).length;
  const rest = (['missed', 'inconclusive'] as const)
    .filter((verdict) => count(verdict) > 0)
    .map((verdict) => `, ${count(verdict)} ${verdict}`);
  return `${count('met')} of ${formatCount(targets.length, 'target')} met${rest.join('')}.`;
}

/** What undecided targets came to in the round that was disturbed least, a sentence a target. */
export function disturbedSentences(targets: readonly TargetResult[]): readonly string[] {
  return targets.flatMap(({ name, scenario, unit, leastDisturbed }) =>
    leastDisturbed === undefined
      ? []
      : `The machine disturbed ${name} in ${scenario}: ${formatQuantity(unit, leastDisturbed)} in the round that it disturbed least.`,
  );
}

function rowOf({ name, scenario, unit, limit, observed, interval }: TargetResult): string[] {
  const shown = chooseUnit(unit, [limit, observed]);
  const within =
    interval === null ? '' : `(${interval.map((end) => formatIn(shown, end)).join(' to ')})`;
  return [
    name,
    scenario,
    formatQuantity(unit, limit),
    observed === null ? 'n/a' : `${formatIn(shown, observed)} ${shown.label}`,
    within,
  ];
}
