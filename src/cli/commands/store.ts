import { type Command, Option } from "commander";

/** Commands that are about the ledger itself. */
export function storeCommands(program: Command): void {
  program
    .command("migrate")
    .description(
      "move the embedded ledger to Postgres; a running gateway goes on taking leads, and delivers none meanwhile",
    )
    .addOption(new Option("--from <store>", "what it is in now").choices(["sqlite"]).default("sqlite"))
    .addOption(new Option("--to <store>", "where it is to go").choices(["postgres"]).makeOptionMandatory())
    .option(
      "--database-url <url>",
      "the address of the database; better given as DATABASE_URL, which other users do not see",
    )
    .option("--dry-run", "look at both ends, and change nothing", false)
    .addOption(new Option("--cancel", "let the embedded ledger deliver again").default(false).conflicts("dryRun"))
    .option("--json", "print one JSON object", false)
    .action(async (options: { databaseUrl?: string; dryRun: boolean; cancel: boolean; json: boolean }) => {
      process.exitCode = await (await import("../migrate.ts")).migrate(options);
    });

  program
    .command("backup")
    .description("copy the embedded ledger as it stands to a file, and verify the copy; a gateway may be running")
    .argument("<file>", "where to; a file that exists is not overwritten")
    .option("--check", "only look whether a backup is whole", false)
    .option("--json", "print one JSON object", false)
    .action(async (file: string, { check, json }: { check: boolean; json: boolean }) => {
      const { backup, checkBackup } = await import("../backup.ts");
      process.exitCode = check ? checkBackup(file, json) : await backup(file, json);
    });

  program
    .command("restored")
    .description("after a backup was put back, before the gateway starts: let what waits ask its destination first")
    .action(async () => {
      process.exitCode = await (await import("../restored.ts")).restored();
    });
}
