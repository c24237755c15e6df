/** What a process said last, for the message that says how it ended. */

const LONGEST = 300;

/** The error among the last lines of a text, without stack and source excerpt; empty if there is none. */
export function lastWords(text: string): string {
  const lines = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !/^(at |Node\.js v|node:internal|\^)/.test(line));
  const line = lines.find((one) => /^\w*Error\b/.test(one)) ?? lines.at(-1) ?? '';
  return line.slice(0, LONGEST);
}
