/**
 * The options of a script or a benchmark: as `parseArgs` reads them, but that `--help` prints the
 * comment at the head of the file, and that what is wrong gives one line and exit code 2.
 */
import { readFileSync } from 'node:fs';
import { type ParseArgsConfig, parseArgs } from 'node:util';
import { EXIT } from '../harness/cli/exit-code.ts';

const HEADER = /^\/\*\*\n([\s\S]*?)\n \*\/$/m;

/** Of the file that runs, given its arguments; ends the process when it is asked for help or given what it does not know. */
export function scriptOptions<Config extends ParseArgsConfig>(
  config: Config,
): ReturnType<typeof parseArgs<Config>> {
  const script = process.argv[1] ?? '';
  if (process.argv.slice(2).some((arg) => arg === '--help' || arg === '-h')) {
    console.log(headerOf(readFileSync(script, 'utf8')));
    process.exit(EXIT.held);
  }
  try {
    return parseArgs(config);
  } catch (error) {
    const [message = ''] = String(error instanceof Error ? error.message : error).split('. To ');
    console.error(`${message}. --help tells what there is.`);
    process.exit(EXIT.usage);
  }
}

/** The text of the comment that a file begins with. */
function headerOf(source: string): string {
  const lines = HEADER.exec(source)?.[1]?.split('\n') ?? [];
  return lines.map((line) => line.replace(/^ \* ?/, '')).join('\n');
}
