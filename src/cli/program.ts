import { readFileSync } from "node:fs";
import { Command } from "commander";
import { destinationsCommands } from "./commands/destinations.ts";
import { leadsCommands } from "./commands/leads.ts";
import { peopleCommands } from "./commands/people.ts";
import { runningCommands } from "./commands/running.ts";
import { storeCommands } from "./commands/store.ts";

/** The command line. Each command loads only the code it needs. */
export function createProgram(): Command {
  const program = new Command("leadkeep")
    .description("Keeps every form lead, and delivers it.")
    .version(version(), "-v, --version")
    .exitOverride()
    .showHelpAfterError("(leadkeep --help lists the commands)")
    .configureHelp({ showGlobalOptions: true });

  runningCommands(program);
  leadsCommands(program);
  peopleCommands(program);
  destinationsCommands(program);
  storeCommands(program);
  return program;
}

function version(): string {
  const file = new URL("../../package.json", import.meta.url);
  return (JSON.parse(readFileSync(file, "utf8")) as { version: string }).version;
}
