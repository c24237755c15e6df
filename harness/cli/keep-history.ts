/** Adds a finished run to the history beside its report. */
import { dirname } from 'node:path';
import type { HistoryEntry } from '../model/history.ts';
import { addToHistory } from '../store/history-file.ts';
import { errorLines } from './message.ts';
import type { Shell } from './shell.ts';

/**
 * Adds an entry to the history of the folder that a report's folder is in; null: nothing can be
 * followed of that run. A history that cannot be written costs nobody a verdict: it is said, and that is all.
 */
export async function keepInHistory(
  shell: Shell,
  folder: string,
  entry: HistoryEntry | null,
): Promise<void> {
  if (entry === null || entry.figures.length === 0) return;
  try {
    await addToHistory(dirname(folder), entry);
  } catch (error) {
    const [message = ''] = errorLines(error, false);
    shell.err(`${message} This run is not in the history; its report is complete.\n`);
  }
}
