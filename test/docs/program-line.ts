import { type Command, CommanderError } from "commander";
import { createProgram } from "../../src/cli/program.ts";

/** Ids as the docs shorten them, and as the program takes them. */
const uuid = "019ab000-0000-7000-8000-00007f3a91c2";
const shortened: [RegExp, string][] = [
  [/^lead_…$/, `lead_${uuid}`],
  [/^dlv_…(_\w+)?$/, `dlv_${uuid}_webhook`],
];

/** What a sentence may leave out, and a value that stands for one the reader has. */
const leftOut = /^commander\.(?:missingArgument|missingMandatoryOptionValue|optionMissingArgument)$/;
export const anything = "anything";

/**
 * Why the program would not take these words, in its own sentence; null when it would. Nothing is run. In a sentence what has to
 * follow may be missing (`leadkeep grant` releases …), in a block it may not.
 */
export async function refusal(words: readonly string[], isSentence = false): Promise<string | null> {
  const program = createProgram();
  const said: string[] = [];
  disarm(program, said);
  try {
    await program.parseAsync(words.map(inFull), { from: "user" });
    return null;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (isSentence && (leftOut.test(error.code) || error.message.includes(`'${anything}'`))) return null;
    return error.exitCode === 0 ? null : (said[0] ?? error.message).trim();
  }
}

function inFull(word: string): string {
  return shortened.reduce((text, [short, full]) => text.replace(short, full), word);
}

function disarm(command: Command, said: string[]): void {
  command.configureOutput({ writeOut: () => {}, writeErr: (text) => said.push(text) });
  command.exitOverride();
  if (command.commands.length === 0) command.action(() => {});
  for (const inner of command.commands) disarm(inner, said);
}
