/** Completion scripts for shells, made from the commands themselves. Pure. */
import type { Command, Option } from 'commander';

export type Shell = 'bash' | 'zsh' | 'fish';
export const SHELLS: readonly Shell[] = ['bash', 'zsh', 'fish'];

interface Words {
  name: string;
  description: string;
  options: readonly Option[];
  /** What its arguments can be, where they are a choice. */
  choices: readonly string[];
}

/** A script to be sourced: `source <(hotshoe completion bash)`. */
export function completionScript(program: Command, shell: Shell): string {
  const help = program.createHelp();
  const commands = help.visibleCommands(program);
  const names = commands.map((command) => command.name());
  const wordsOf = (command: Command): Words => ({
    name: command.name(),
    description: help.subcommandDescription(command),
    options: help.visibleOptions(command),
    choices:
      command.name() === 'help'
        ? names
        : command.registeredArguments.flatMap(({ argChoices }) => argChoices ?? []),
  });
  return { bash, zsh, fish }[shell](wordsOf(program), commands.map(wordsOf));
}

function flags(option: Option): string[] {
  return [option.short, option.long].filter((flag) => flag !== undefined);
}

/** Options with a value complete their choices, or file names. */
function takesValue(option: Option): boolean {
  return option.required || option.optional;
}

function bash(root: Words, commands: readonly Words[]): string {
  const { name } = root;
  const names = commands.map((command) => command.name).join(' ');
  const rootFlags = root.options.flatMap(flags);
  const valueCases = ({ options }: Words, indent: string) =>
    options
      .filter(takesValue)
      .map((option) => {
        const choices = option.argChoices?.join(' ') ?? '';
        return `${indent}${flags(option).join('|')}) words="${choices}" ;;\n`;
      })
      .join('');
  const cases = commands.map((words) => {
    const all = new Set([...words.options.flatMap(flags), ...rootFlags]);
    const values = valueCases(words, '        ');
    return (
      `    ${words.name})\n` +
      `      words="${words.choices.join(' ')}"\n` +
      `      case "$cur" in -*) words="${[...all].join(' ')}" ;; esac\n` +
      `${values && `      case "$prev" in\n${values}      esac\n`}      ;;\n`
    );
  });
  const rootValues = root.options.filter(takesValue).flatMap(flags).join('|');
  // Where nothing fits, readline goes on with file names.
  return `_${name}() {
  local cur="\${COMP_WORDS[COMP_CWORD]}" prev="\${COMP_WORDS[COMP_CWORD-1]}"
  local command="" words="" i
  # bash cuts words at = and :, as in --option=value and ptpip://host.
  if [ "$cur" = "=" ]; then cur=""
  elif [ "$prev" = "=" ]; then prev="\${COMP_WORDS[COMP_CWORD-2]}"; fi
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "\${COMP_WORDS[i]}" in
      [:=]*) ((i++)) ;;
      ${rootValues}) [ "\${COMP_WORDS[i+1]}" = "=" ] || ((i++)) ;;
      -*) ;;
      *) command="\${COMP_WORDS[i]}"; break ;;
    esac
  done
  case "$command" in
    "")
      words="${names}"
      case "$cur" in -*) words="${rootFlags.join(' ')}" ;; esac
      ;;
${cases.join('')}  esac
  case "$prev" in
${valueCases(root, '    ')}  esac
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
}
complete -o default -F _${name} ${name}
`;
}

function zsh(root: Words, commands: readonly Words[]): string {
  const { name } = root;
  const quote = (text: string) => text.replace(/[[\]:\\]/g, '\\$&').replaceAll("'", "'\\''");
  const specs = ({ options, choices }: Words) => [
    ...options.map((option) => {
      const names = flags(option);
      const value = option.argChoices ? `(${option.argChoices.join(' ')})` : '_files';
      // An optional value follows two colons.
      const colons = option.optional ? '::' : ':';
      const rest = `[${quote(option.description)}]${takesValue(option) ? `${colons}value:${value}` : ''}`;
      return names.length > 1
        ? `'(${names.join(' ')})'{${names.join(',')}}'${rest}'`
        : `'${names[0]}${rest}'`;
    }),
    ...(choices.length > 0 ? [`'1:choice:(${choices.join(' ')})'`] : []),
  ];
  const lines = (parts: readonly string[], indent: string) =>
    parts.map((part) => `${indent}${part}`).join(' \\\n');
  const described = commands.map(
    (command) => `    '${command.name}:${quote(command.description)}'`,
  );
  const cases = commands.map((words) => {
    const own = new Set(words.options.map(({ long }) => long));
    const options = [...words.options, ...root.options.filter(({ long }) => !own.has(long))];
    return `      ${words.name})
        _arguments \\
${lines([...specs({ ...words, options }), "'*:file:_files'"], '          ')} ;;`;
  });
  return `#compdef ${name}
_${name}() {
  local -a commands line
  local state curcontext="$curcontext"
  commands=(
${described.join('\n')}
  )
  _arguments -C \\
${lines([...specs(root), "'1:command:->command'", "'*::argument:->argument'"], '    ')}
  case $state in
    command) _describe command commands ;;
    argument) case $line[1] in
${cases.join('\n')}
      esac ;;
  esac
}
# Sourced, or a file on $fpath that is loaded at the first completion.
if [ "$funcstack[1]" = "_${name}" ]; then _${name} "$@"; else compdef _${name} ${name}; fi
`;
}

function fish(root: Words, commands: readonly Words[]): string {
  const { name } = root;
  const quote = (text: string) => `'${text.replace(/[\\']/g, '\\$&')}'`;
  const optionLine = (option: Option, condition: string) => {
    const parts = [`complete -c ${name}`];
    if (condition) parts.push(`-n ${quote(condition)}`);
    if (option.short) parts.push(`-s ${option.short.slice(1)}`);
    if (option.long) parts.push(`-l ${option.long.slice(2)}`);
    if (option.argChoices) parts.push(`-x -a ${quote(option.argChoices.join(' '))}`);
    else if (option.required) parts.push('-r');
    parts.push(`-d ${quote(option.description)}`);
    return parts.join(' ');
  };
  const at = `__${name}_at`;
  const rootValues = root.options.filter(takesValue).flatMap(flags).join(' ');
  const lines = [
    '# Whether the command line has come to this command; "" before any.',
    `function ${at}`,
    '  set -l words (commandline -opc)',
    "  set -l command ''",
    '  set -l value 0',
    '  for word in $words[2..-1]',
    '    if test $value = 1',
    '      set value 0',
    '      continue',
    '    end',
    '    switch $word',
    `      case ${rootValues}`,
    '        set value 1',
    "      case '-*'",
    "      case '*'",
    '        set command $word',
    '        break',
    '    end',
    '  end',
    '  test "$command" = "$argv[1]"',
    'end',
    ...root.options.map((option) => optionLine(option, '')),
  ];
  for (const { name: command, description, options, choices } of commands) {
    const here = quote(`${at} ${command}`);
    lines.push(
      `complete -c ${name} -f -n '${at} ""' -a ${command} -d ${quote(description)}`,
      ...(choices.length > 0
        ? [`complete -c ${name} -f -n ${here} -a ${quote(choices.join(' '))}`]
        : []),
      ...options.map((option) => optionLine(option, `${at} ${command}`)),
    );
  }
  return `${lines.join('\n')}\n`;
}
