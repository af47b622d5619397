import { type Command, InvalidArgumentError, Option } from "commander";
import { time } from "../arguments.ts";
import { bases, dateOrders, encodings } from "../import/choices.ts";
import type { ImportOptions } from "../import/rules.ts";

/** The command that takes over leads of other systems. */
export function importCommand(program: Command): void {
  program
    .command("import")
    .description("keep leads of another system: CSV with a header, or one JSON object a line; twice doubles nothing")
    .argument("<file>", "the file")
    .requiredOption("--form <id>", "the form they count as")
    .addOption(
      new Option("--basis <basis>", "the legal ground they are kept on; without one nothing is imported").choices(
        bases,
      ),
    )
    .option("--purpose <purpose>", "consent: what they agreed to, e.g. enquiry or marketing")
    .option("--consent-text <wording>", "consent: the wording they saw")
    .option("--consent-text-column <column>", "consent: the column that has it")
    .option("--consent-version <version>", "consent: which version of the wording")
    .option("--consent-at <time>", "consent: when they agreed", time)
    .option("--consent-at-column <column>", "consent: the column that has it")
    .option("--consent-column <column>", "consent: the column that says yes or no; all agreed when left out")
    .option("--map <pairs>", 'columns and the fields they become: "E-Mail=email,Notes=" (Notes is left out)')
    .option("--map-file <file>", "the same as a JSON file")
    .option("--received-column <column>", "the column with the time a lead came in; now when left out")
    .addOption(new Option("--date-order <order>", "how dates with slashes are written").choices(dateOrders))
    .option("--id-column <column>", "the column with the lead's id there; a row is known by all it holds when left out")
    .option("--source <name>", "with --id-column: a name for the other system")
    .option("--deliver <where>", "none, all, or ids of destinations separated by commas", "none")
    .addOption(
      new Option("--encoding <encoding>", "how the file is written; found out when left out").choices(encodings),
    )
    .option("--delimiter <character>", "what separates cells (tab is \\t); found out when left out", delimiter)
    .option("--dry-run", "only count, and show the first problems", false)
    .option("--json", "print one JSON object", false)
    .action(async (file: string, options: ImportOptions) => {
      process.exitCode = await (await import("../import.ts")).importLeads(file, options);
    });
}

function delimiter(text: string): string {
  const character = text === "\\t" || text === "tab" ? "\t" : text;
  if (character.length !== 1 || /["\r\n]/.test(character))
    throw new InvalidArgumentError("Write one character: , ; or \\t.");
  return character;
}
