/** `hopmark completion SHELL`: what a shell needs to complete commands and options, from the program itself. */
import { Argument, Command, type Option } from 'commander';
import { BUILT_IN_NAMES } from '../../impls/registry.ts';
import { SCENARIO_NAMES } from '../scenarios/scenarios.ts';
import type { Shell } from './shell.ts';

const HELP = `
Examples:
  $ hopmark completion bash > ~/.local/share/bash-completion/completions/hopmark
  $ hopmark completion zsh > ~/.zfunc/_hopmark        with fpath+=~/.zfunc before compinit
  $ hopmark completion fish > ~/.config/fish/completions/hopmark.fish`;

const SHELLS = ['bash', 'zsh', 'fish'] as const;

/** A command as shells complete it. */
interface Completed {
  readonly name: string;
  readonly description: string;
  readonly options: readonly { readonly flag: string; readonly description: string }[];
  /** What may stand without a flag. */
  readonly words: readonly string[];
}

/** The command. It is told the program when it is asked, since it is a part of it. */
export function completionCommand(shell: Shell, program: () => Command): Command {
  return new Command('completion')
    .description('print what a shell needs to complete commands and options')
    .addArgument(new Argument('<shell>', 'for which').choices(SHELLS))
    .addHelpText('after', HELP)
    .action((name: (typeof SHELLS)[number]) => {
      const commands = program().commands.map(completedOf);
      shell.out(SCRIPTS[name](commands));
    });
}

function completedOf(command: Command): Completed {
  const takesNames = command.registeredArguments.some((argument) =>
    /reference|candidate|implementation/.test(argument.name()),
  );
  return {
    name: command.name(),
    description: command.description(),
    options: [...command.options.map(optionOf), { flag: '--help', description: 'show help' }],
    words: [
      ...(takesNames ? BUILT_IN_NAMES : []),
      ...(command.name() === 'bench' ? SCENARIO_NAMES : []),
      ...(command.name() === 'completion' ? SHELLS : []),
      ...command.commands.map((one) => one.name()),
    ],
  };
}

function optionOf({ long, short, description }: Option): Completed['options'][number] {
  return { flag: long ?? short ?? '', description };
}

const flagsOf = ({ options }: Completed): readonly string[] => options.map(({ flag }) => flag);

function bash(commands: readonly Completed[]): string {
  const cases = commands.map(
    (one) => `    ${one.name}) words='${[...flagsOf(one), ...one.words].join(' ')}' ;;`,
  );
  return `# bash completion for hopmark
_hopmark() {
  local current="\${COMP_WORDS[COMP_CWORD]}" words
  if [ "$COMP_CWORD" -eq 1 ]; then
    words='${commands.map(({ name }) => name).join(' ')} --help --version'
    COMPREPLY=($(compgen -W "$words" -- "$current"))
    return
  fi
  case "\${COMP_WORDS[1]}" in
${cases.join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current") $(compgen -f -- "$current"))
}
complete -o filenames -F _hopmark hopmark
`;
}

function zsh(commands: readonly Completed[]): string {
  const described = (name: string, description: string): string =>
    quoted(`${name.replaceAll(':', '\\:')}:${description}`);
  const cases = commands.map((one) => {
    const options = one.options.map(({ flag, description }) => described(flag, description));
    return `    ${one.name})
      options=(${options.join(' ')})
      names=(${one.words.map(quoted).join(' ')}) ;;`;
  });
  return `#compdef hopmark
_hopmark() {
  local -a commands options names
  commands=(${commands.map(({ name, description }) => described(name, description)).join(' ')})
  if (( CURRENT == 2 )); then
    _describe command commands
    return
  fi
  case "$words[2]" in
${cases.join('\n')}
  esac
  _describe option options
  compadd -a names
  _files
}
compdef _hopmark hopmark
`;
}

function fish(commands: readonly Completed[]): string {
  const lines = commands.flatMap(({ name, description, options, words }) => [
    `complete -c hopmark -n __fish_use_subcommand -f -a ${name} -d ${quoted(description)}`,
    ...options.map(
      (option) =>
        `complete -c hopmark -n '__fish_seen_subcommand_from ${name}' -l ${option.flag.replace(/^-+/, '')} -d ${quoted(option.description)}`,
    ),
    ...(words.length === 0
      ? []
      : [
          `complete -c hopmark -n '__fish_seen_subcommand_from ${name}' -a ${quoted(words.join(' '))}`,
        ]),
  ]);
  return `# fish completion for hopmark\n${lines.join('\n')}\n`;
}

const SCRIPTS = { bash, zsh, fish };

/** In single quotes, as all three shells read it. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", '’')}'`;
}
