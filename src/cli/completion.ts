/** Completion scripts for shells, made from the commands themselves. */
import type { Command, Option } from 'commander';

export type Shell = 'bash' | 'zsh' | 'fish';
export const SHELLS: readonly Shell[] = ['bash', 'zsh', 'fish'];

interface Words {
  /** "" for the program itself. */
  command: string;
  description: string;
  options: readonly Option[];
}

/** A script to be sourced: `source <(hotshoe completion bash)`. */
export function completionScript(program: Command, shell: Shell): string {
  const commands: Words[] = program.commands.map((command) => ({
    command: command.name(),
    description: command.description(),
    options: command.options,
  }));
  const root: Words = { command: '', description: '', options: program.options };
  return { bash, zsh, fish }[shell](program.name(), root, commands);
}

function flags(option: Option): string[] {
  return [option.short, option.long].filter((flag) => flag !== undefined);
}

/** Options that are followed by a value complete file names, or their choices. */
function takesValue(option: Option): boolean {
  return option.required || option.optional;
}

function bash(name: string, root: Words, commands: readonly Words[]): string {
  const names = commands.map(({ command }) => command).join(' ');
  const allOptions = (words: Words) => words.options.flatMap(flags).join(' ');
  const cases = commands.map(
    (words) => `    ${words.command}) words="${allOptions(words)} ${allOptions(root)}" ;;`,
  );
  const values = [root, ...commands].flatMap(({ options }) =>
    options
      .filter(({ argChoices }) => argChoices)
      .map(
        (option) =>
          `    ${flags(option).join('|')}) COMPREPLY=($(compgen -W "${option.argChoices?.join(' ')}" -- "$cur")); return ;;`,
      ),
  );
  return `_${name}() {
  local cur="\${COMP_WORDS[COMP_CWORD]}" prev="\${COMP_WORDS[COMP_CWORD-1]}" command="" words word
  case "$prev" in
${[...new Set(values)].join('\n')}
  esac
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case " ${names} " in *" $word "*) command="$word"; break ;; esac
  done
  case "$command" in
    "") words="${names} ${allOptions(root)}" ;;
${cases.join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
  [ \${#COMPREPLY[@]} -gt 0 ] || COMPREPLY=($(compgen -f -- "$cur"))
}
complete -o filenames -F _${name} ${name}
`;
}

function zsh(name: string, root: Words, commands: readonly Words[]): string {
  const quote = (text: string) => text.replaceAll("'", "'\\''").replace(/[[\]:]/g, '\\$&');
  const specs = (words: Words) =>
    words.options
      .map((option) => {
        const names = flags(option);
        const group = names.length > 1 ? `{${names.join(',')}}` : (names[0] ?? '');
        const choices = option.argChoices ? `(${option.argChoices.join(' ')})` : '_files';
        const value = takesValue(option) ? `:value:${choices}` : '';
        return `      ${group}'[${quote(option.description)}]${value}'`;
      })
      .join(' \\\n');
  const described = commands.map(
    ({ command, description }) => `    '${command}:${quote(description)}'`,
  );
  const cases = commands
    .filter(({ options }) => options.length > 0)
    .map(
      (words) =>
        `    ${words.command}) _arguments \\\n${specs(words)} \\\n      '*:file:_files' ;;`,
    );
  return `#compdef ${name}
_${name}() {
  local -a commands
  commands=(
${described.join('\n')}
  )
  local line state
  _arguments -C \\
${specs(root)} \\
      '1:command:->command' '*::argument:->argument'
  case $state in
    command) _describe command commands ;;
    argument) case $line[1] in
${cases.join('\n')}
    *) _files ;;
    esac ;;
  esac
}
compdef _${name} ${name}
`;
}

function fish(name: string, root: Words, commands: readonly Words[]): string {
  const quote = (text: string) => `'${text.replace(/[\\']/g, '\\$&')}'`;
  const optionLine = (option: Option, condition: string) => {
    const parts = [`complete -c ${name}`];
    if (condition) parts.push(`-n ${quote(condition)}`);
    if (option.short) parts.push(`-s ${option.short.slice(1)}`);
    if (option.long) parts.push(`-l ${option.long.slice(2)}`);
    if (takesValue(option)) {
      parts.push(option.argChoices ? `-x -a ${quote(option.argChoices.join(' '))}` : '-r');
    }
    parts.push(`-d ${quote(option.description)}`);
    return parts.join(' ');
  };
  const lines = root.options.map((option) => optionLine(option, ''));
  for (const { command, description, options } of commands) {
    lines.push(
      `complete -c ${name} -n __fish_use_subcommand -a ${command} -d ${quote(description)}`,
      ...options.map((option) => optionLine(option, `__fish_seen_subcommand_from ${command}`)),
    );
  }
  return `${lines.join('\n')}\n`;
}
