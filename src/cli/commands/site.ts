import { type Command, Option } from "commander";
import { collect, collectOf } from "../arguments.ts";
import { destinationIds, frameworkIds } from "../init/choices.ts";
import type { InitFlags } from "../init/flags.ts";

/** Commands that are about the site leads come from. */
export function siteCommands(program: Command): void {
  program
    .command("init")
    .description("write what a site needs: config, route, form, .env entries; nothing that is there is overwritten")
    .addOption(
      new Option("--framework <name>", "what the site is built with; found out when left out").choices(frameworkIds),
    )
    .option("--form <id>", "the form's id (contact)")
    .option("--fields <names>", "its fields, separated by commas (name,email,phone,message)")
    .option("--consent-text <wording>", "what the consent box says")
    .option("--consent-version <version>", "which version of that wording (1)")
    .option("--marketing-text <wording>", "what a second box, for marketing, says")
    .option("--marketing-version <version>", "which version of that wording (1)")
    .addOption(
      new Option("--destination <id>", "where leads go; once for each")
        .choices(destinationIds)
        .argParser(collectOf(destinationIds)),
    )
    .option("--mail-from <mailbox>", "the sender of mails, such as Example <hello@example.com>")
    .option("--mail-to <mailboxes>", "whom to tell of new leads")
    .option("--public-url <url>", "the address people reach the site, or the stand-alone gateway, under")
    .option("--set <NAME=value>", "a variable for .env that is no secret; once for each", collect)
    .option("--yes", "write without asking", false)
    .addOption(new Option("--dry-run", "only show what would be written").default(false).conflicts("yes"))
    .option("--beside", "write what differs from a file that is there into one with .new behind its name", false)
    .option("--json", "print one JSON object; asks nothing, so it needs --yes or --dry-run", false)
    .action(async (flags: InitFlags) => {
      const { init } = await import("../init.ts");
      const { stdin, stdout } = process;
      const terminal = stdin.isTTY && stdout.isTTY ? { input: stdin, output: stdout } : null;
      const colour = stdout.isTTY && stdout.hasColors();
      process.exitCode = await init(flags, { folder: process.cwd(), terminal, colour });
    });
}
