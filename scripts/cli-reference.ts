import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Argument, Command, Option } from "commander";
import { createProgram } from "../src/cli/program.ts";

// Writes the list of commands in docs/cli.md from the program itself. Run it after a command has changed:
// `node scripts/cli-reference.ts`. A test holds the two together.

/** Where the page is. */
export const file = fileURLToPath(new URL("../docs/cli.md", import.meta.url));

const begin = "<!-- commands: written by scripts/cli-reference.ts -->";

/** The text of docs/cli.md with the list of commands as the program has it now. */
export function withReference(text: string): string {
  const at = text.indexOf(begin);
  if (at < 0) throw new Error(`docs/cli.md lacks the line ${begin}`);
  return `${text.slice(0, at)}${begin}\n\n${commandsOf(createProgram(), "leadkeep").join("\n\n")}\n`;
}

function commandsOf(command: Command, words: string): string[] {
  const visible = command.createHelp().visibleCommands(command);
  return visible
    .filter((one) => one.name() !== "help")
    .flatMap((one) => {
      const name = `${words} ${one.name()}`;
      return one.commands.length > 0 ? commandsOf(one, name) : [sectionOf(one, name)];
    });
}

function sectionOf(command: Command, name: string): string {
  const positional = command.registeredArguments;
  const usage = [name, ...positional.map(placeOf), command.options.length > 0 ? "[options]" : ""];
  const rows = [...positional.map(argumentRow), ...command.options.map(optionRow)];
  const table = rows.length === 0 ? [] : ["", "| | |", "|---|---|", ...rows];
  return [
    `### ${name.replace("leadkeep ", "")}`,
    "",
    `\`${usage.filter(Boolean).join(" ")}\``,
    "",
    sentence(command.description()),
    ...table,
  ].join("\n");
}

function placeOf(argument: Argument): string {
  const name = `${argument.name()}${argument.variadic ? "..." : ""}`;
  return argument.required ? `<${name}>` : `[${name}]`;
}

function argumentRow(argument: Argument): string {
  return row(placeOf(argument), argument.description, argument.argChoices);
}

function optionRow({ flags, description, argChoices, defaultValue, mandatory }: Option): string {
  const isTold = defaultValue !== undefined && typeof defaultValue !== "boolean";
  const notes = [mandatory && !isTold ? "needed" : "", isTold ? `default: ${String(defaultValue)}` : ""].filter(
    Boolean,
  );
  return row(flags, `${description}${notes.length > 0 ? ` (${notes.join("; ")})` : ""}`, argChoices);
}

function row(what: string, description: string, choices: readonly string[] | undefined): string {
  const among = choices ? `: ${choices.map((one) => `\`${one}\``).join(", ")}` : "";
  return `| \`${what.replaceAll("|", "\\|")}\` | ${cell(description)}${among} |`;
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll("<", "&lt;");
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(file, withReference(readFileSync(file, "utf8")));
}
