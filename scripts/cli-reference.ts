/** The reference of the command line: tables of what every command takes, made from the commands themselves. */
import type { Argument, Command, Option } from 'commander';
import { program } from '../harness/cli/main.ts';
import type { Shell } from '../harness/cli/shell.ts';

const SILENT: Shell = {
  out: () => {},
  err: () => {},
  signal: new AbortController().signal,
  stop: () => {},
  endsBySignal: () => {},
  canDraw: false,
  argv: [],
  exit: () => {},
};

/** Every command has these; they are told of once. */
const COMMON = new Set(['--no-color', '--debug']);

/** Where a generated part stands in the document: `<!-- reference: compare -->` to `<!-- end -->`. */
const PART = /<!-- reference: ([\w-]+) -->\n[\s\S]*?<!-- end -->/g;

/**
 * The document with its parts made anew. Throws if a part is of no command, or a command has no part.
 */
export function withReference(document: string): string {
  const left = new Map(commands().map((command) => [nameOf(command), command]));
  const made = document.replaceAll(PART, (_, name: string) => {
    const command = left.get(name);
    if (command === undefined) throw new Error(`no command ${name}, or named twice`);
    left.delete(name);
    return `<!-- reference: ${name} -->\n${referenceOf(command)}\n<!-- end -->`;
  });
  if (left.size > 0) throw new Error(`without a part: ${[...left.keys()].join(', ')}`);
  return made;
}

/** All commands that take something of their own; of a group those in it. */
function commands(): readonly Command[] {
  return program(SILENT).commands.flatMap((command) =>
    command.commands.length > 0 ? command.commands : [command],
  );
}

/** `compare`, or `baseline-show` of a group. */
function nameOf(command: Command): string {
  return pathOf(command).join('-');
}

function pathOf(command: Command): readonly string[] {
  const parent = command.parent;
  return parent === null || parent.parent === null
    ? [command.name()]
    : [...pathOf(parent), command.name()];
}

function referenceOf(command: Command): string {
  const description = command.description();
  const rows = [
    ...command.registeredArguments.map(argumentRow),
    ...command.options.filter(({ long }) => !COMMON.has(long ?? '')).map(optionRow),
  ];
  const table = [
    '| option | meaning | default |',
    '| --- | --- | --- |',
    ...rows.map((cells) => `| ${cells.map(escaped).join(' | ')} |`),
  ];
  return `\`hopmark ${pathOf(command).join(' ')} ${command.usage()}\`: ${description}.\n\n${table.join('\n')}`;
}

function argumentRow(argument: Argument): readonly string[] {
  const { required, variadic, description, argChoices, defaultValue } = argument;
  const name = `${argument.name()}${variadic ? '...' : ''}`;
  const shown = required ? `<${name}>` : `[${name}]`;
  return row(shown, described(description, argChoices), defaultValue);
}

function optionRow(option: Option): readonly string[] {
  const { flags, description, argChoices, defaultValue, defaultValueDescription, negate } = option;
  const fallback = negate ? undefined : (defaultValueDescription ?? defaultValue);
  return row(flags, described(description, argChoices), fallback);
}

function described(description: string, choices: readonly string[] | undefined): string {
  return choices === undefined
    ? description
    : `${description}: ${choices.map((one) => `\`${one}\``).join(', ')}`;
}

/** A default that the description names is moved to where defaults stand. */
function row(name: string, description: string, fallback: unknown): readonly string[] {
  const named = /^(.*?) \(default: ([^()]*)\)(.*)$/s.exec(description);
  const [meaning, told] =
    named === null ? [description, fallback] : [`${named[1]}${named[3]}`, named[2]];
  return [`\`${name}\``, meaning, told === undefined || told === false ? '' : String(told)];
}

function escaped(text: string): string {
  return text.replaceAll('|', '\\|');
}
