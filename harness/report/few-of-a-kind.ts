/** Shortens what many metrics have alike. The report document has everything. */
import type { Warning } from '../model/warning.ts';

/** More of one code than these are counted. */
const MOST_OF_A_KIND = 8;
const SHOWN_OF_MANY = 3;

/** The messages of warnings; of many of one kind the first few and how many more there are. */
export function fewOfAKind(warnings: readonly Warning[]): readonly string[] {
  return [...Map.groupBy(warnings, ({ code }) => code).values()].flatMap((same) => {
    const messages = same.map(({ message }) => message);
    if (messages.length <= MOST_OF_A_KIND) return messages;
    const shown = messages.slice(0, SHOWN_OF_MANY);
    return [...shown, `The same of ${messages.length - shown.length} more; report.json has all.`];
  });
}
