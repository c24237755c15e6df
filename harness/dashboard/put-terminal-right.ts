/** Leaves a terminal as a dashboard would have that had been closed. */
import { spawnSync } from 'node:child_process';
import { writeSync } from 'node:fs';

const STDERR = 2;
/** Leaves the other screen, shows the cursor. */
const PLAIN_SCREEN = '\u001b[?1049l\u001b[?25h';
/** Who is not in the foreground any more may do this only while that signal is ignored. */
const SANE = "trap '' TTOU; stty sane";

/** Of standard error and standard input; never throws. */
export function putTerminalRight(): void {
  try {
    writeSync(STDERR, PLAIN_SCREEN);
  } catch {
    // The terminal has gone.
    return;
  }
  spawnSync('sh', ['-c', SANE], { stdio: ['inherit', 'ignore', 'ignore'] });
}
