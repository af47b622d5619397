import { type Command, Option } from "commander";

/** Commands that are about what people decide about their data. */
export function peopleCommands(program: Command): void {
  program
    .command("grant")
    .description("record a consent given outside the form, and release what waited for it")
    .argument("<lead>", "its id (lead_…)")
    .argument("<purpose>", "what for, e.g. enquiry or marketing")
    .option("--text <wording>", "the wording the person agreed to")
    .option("--json", "print one JSON object", false)
    .action(async (lead: string, purpose: string, options: { text?: string; json: boolean }) => {
      process.exitCode = await (await import("../grant.ts")).grant(lead, purpose, options);
    });

  program
    .command("export")
    .description("hand out everything on record of a person, as a zip")
    .argument("<email|phone>", "the person's e-mail address or phone number")
    .option("--out <file>", "where to; a file that exists is not overwritten")
    .option("--json", "print it as one JSON object instead", false)
    .action(async (person: string, { out, json }: { out?: string; json: boolean }) => {
      process.exitCode = await (await import("../export.ts")).exportPerson(person, out ?? null, json);
    });

  program
    .command("erase")
    .description("erase a person here and at the destinations, after showing what is going to happen")
    .argument("<email|phone>", "the person's e-mail address or phone number")
    .option("--yes", "do not ask", false)
    .addOption(new Option("--dry-run", "only show what would happen").default(false).conflicts("yes"))
    .addOption(new Option("--status", "show how the last erasure stands").default(false).conflicts(["yes", "dryRun"]))
    .option("--json", "print one JSON object; erases only with --yes", false)
    .action(async (person: string, options: { yes: boolean; dryRun: boolean; status: boolean; json: boolean }) => {
      const { erasePerson, showErasure } = await import("../erase.ts");
      process.exitCode = options.status ? await showErasure(person, options.json) : await erasePerson(person, options);
    });

  program
    .command("retention")
    .description("remove what has been kept as long as the configuration says; a running gateway does it daily")
    .option("--dry-run", "only show what would end", false)
    .option("--json", "print one JSON array", false)
    .action(async ({ dryRun, json }: { dryRun: boolean; json: boolean }) => {
      process.exitCode = await (await import("../retention.ts")).retention(dryRun, json);
    });

  program
    .command("withdraw")
    .description(
      "record that a person withdraws a consent: waiting deliveries stop, destinations that hold it are told",
    )
    .argument(
      "<lead|email>",
      "a lead's id (lead_…), or the person's mail address; it holds for all leads of the person",
    )
    .argument("<purpose>", "what for, e.g. enquiry or marketing")
    .option("--json", "print one JSON object", false)
    .action(async (who: string, purpose: string, { json }: { json: boolean }) => {
      process.exitCode = await (await import("../withdraw.ts")).withdraw(who, purpose, json);
    });
}
