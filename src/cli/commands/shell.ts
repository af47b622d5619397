import { Argument, type Command } from "commander";
import { type Shell, shells } from "../completion/scripts.ts";

/** Commands for the shell this program is called from. */
export function shellCommands(program: Command): void {
  program
    .command("completion")
    .description("print what a shell has to read so that the tab key completes commands, options and names")
    .addArgument(new Argument("<shell>", "which one").choices(shells))
    .addHelpText("after", '\nbash, zsh:  eval "$(leadkeep completion bash)" in ~/.bashrc or ~/.zshrc')
    .action(async (shell: Shell) => (await import("../completion.ts")).completion(shell));

  program
    .command("__complete", { hidden: true })
    .description("what may follow on a command line")
    .argument("[words...]", "its words; the last one as far as it is typed")
    .action(async (words: string[]) => (await import("../completion.ts")).complete(program, words));
}
