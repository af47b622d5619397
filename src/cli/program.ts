import { readFileSync } from "node:fs";
import { Command, Help, type Option } from "commander";
import { destinationsCommands } from "./commands/destinations.ts";
import { importCommand } from "./commands/import.ts";
import { leadsCommands } from "./commands/leads.ts";
import { peopleCommands } from "./commands/people.ts";
import { runningCommands } from "./commands/running.ts";
import { shellCommands } from "./commands/shell.ts";
import { siteCommands } from "./commands/site.ts";
import { storeCommands } from "./commands/store.ts";
import { plainLines } from "./output.ts";

/** The command line. Each command loads only the code it needs. */
export function createProgram(): Command {
  const program = new Command("leadkeep")
    .description("Keeps every form lead, and delivers it.")
    .version(version(), "-v, --version")
    .exitOverride()
    .showHelpAfterError("(leadkeep --help lists the commands)")
    // An argument it does not know is quoted, and may have been pasted from anywhere.
    .configureOutput({ outputError: (text, write) => write(plainLines(text)) })
    .configureHelp({ showGlobalOptions: true, optionDescription })
    .addHelpText("after", `\n${beginning}`);

  siteCommands(program.commandsGroup("A new site:"));
  runningCommands(program.commandsGroup("Running:"));
  leadsCommands(program.commandsGroup("Leads:"));
  importCommand(program);
  peopleCommands(program.commandsGroup("People and their data:"));
  destinationsCommands(program.commandsGroup("Destinations:"));
  storeCommands(program.commandsGroup("The ledger:"));
  shellCommands(program.commandsGroup("The shell:"));
  return program;
}

const beginning = `To look first: leadkeep demo. To begin: leadkeep init, then leadkeep doctor and leadkeep start.
leadkeep <command> --help tells more of each.`;

/** Commander's own, without telling of every switch that it is off by default. */
function optionDescription(option: Option): string {
  return new Help().optionDescription(option).replace(" (default: false)", "");
}

function version(): string {
  const file = new URL("../../package.json", import.meta.url);
  return (JSON.parse(readFileSync(file, "utf8")) as { version: string }).version;
}
