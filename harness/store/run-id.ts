/** Names of runs, which are also the names of their report folders. */

const MOST_CHARACTERS_A_NAME = 30;

/**
 * A name that sorts by time and says what ran: `2026-11-23T21-05-00-123Z-baseline-optimized`. Only
 * letters, digits, dots, dashes and underscores, so safe as a folder name everywhere; of a path the
 * last part is kept, without its extension.
 */
export function createRunId(startedAt: Date, names: readonly string[]): string {
  const time = startedAt.toISOString().replace(/[:.]/g, '-');
  return [time, ...names.map(folderName)].join('-');
}

function folderName(name: string): string {
  const last = name.split(/[/\\]/).findLast((part) => part !== '') ?? '';
  const safe = last
    .replace(/\.[cm]?[jt]s$/, '')
    .replace(/[^A-Za-z0-9._-]+/g, '-')
    .replace(/^[-.]+|[-.]+$/g, '')
    .slice(0, MOST_CHARACTERS_A_NAME);
  return safe === '' ? 'unnamed' : safe;
}
