import { Argument } from 'commander';
import { completionScript, SHELLS, type Shell } from '../completion.ts';
import type { AddCommand } from './command.ts';

export const addCompletion: AddCommand = (program, run) => {
  program
    .command('completion')
    .description('print a completion script for a shell')
    .addArgument(new Argument('<shell>', 'which one').choices(SHELLS))
    .addHelpText(
      'after',
      `
bash: source <(hotshoe completion bash)          in ~/.bashrc
zsh:  source <(hotshoe completion zsh)           in ~/.zshrc, after compinit
fish: hotshoe completion fish | source           in ~/.config/fish/config.fish`,
    )
    .action(
      run(({ output }, shell: Shell) => {
        const script = completionScript(program, shell);
        output.line(script.trimEnd());
        output.result({ shell, script });
        return Promise.resolve(undefined);
      }),
    );
};
