/**
 * Doubts that several arms give rise to, told once with the arms' names: a field of ten would say
 * the same ten times. Only for people; the document keeps them apart.
 */
import type { ArmReport } from '../model/report.ts';
import type { Warning } from '../model/warning.ts';
import { formatList } from './number.ts';

const SHARE = / \(in (\d+) of (\d+) rounds\)\.$/;

/** The warnings, those of the same code and text about different arms as one. */
export function foldDoubts(
  warnings: readonly Warning[],
  arms: readonly ArmReport[],
): readonly string[] {
  const read = warnings.map(({ code, message }) => {
    const about = arms.find(({ name, id }) => message.startsWith(`${name} (${id}) `));
    const text =
      about === undefined ? message : message.slice(`${about.name} (${about.id}) `.length);
    const [, rounds = '', of = ''] = SHARE.exec(text) ?? [];
    return { code, message, about, rounds: Number(rounds), of, text: text.replace(SHARE, '.') };
  });
  return [...Map.groupBy(read, ({ code, text }) => `${code} ${text}`).values()].map((same) => {
    const [first] = same;
    if (first === undefined || same.length === 1) return first?.message ?? '';
    const who = formatList(same.map(({ about }) => calledIn(about)));
    const most = Math.max(...same.map(({ rounds }) => rounds));
    const share = first.of === '' ? '.' : ` (in up to ${most} of ${first.of} rounds).`;
    return `Each of ${who} ${first.text.replace(/\.$/, '')}${share}`;
  });
}

/** No two arms of a ranking have one name, but for a twin and its reference. */
function calledIn(arm: ArmReport | undefined): string {
  return arm?.role === 'twin' ? `the twin of ${arm.name}` : (arm?.name ?? '');
}
