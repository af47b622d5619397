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
    .option("--with-keys", "also copy the keys of sealed leads, to <file>.keys", false)
    .option("--json", "print one JSON object", false)
    .action(async (file: string, { check, ...options }: { check: boolean; withKeys: boolean; json: boolean }) => {
      const { backup, checkBackup } = await import("../backup.ts");
      process.exitCode = check ? checkBackup(file, options.json) : await backup(file, options);
    });

  program
    .command("rotate-keys")
    .description("wrap the keys of sealed leads by the encryption key in use; a gateway may be running")
    .option("--seal-old", "also seal leads that were kept in clear", false)
    .option("--json", "print one JSON object", false)
    .action(async (options: { sealOld: boolean; json: boolean }) => {
      process.exitCode = await (await import("../rotate-keys.ts")).rotateKeys(options);
    });

  program
    .command("restored")
    .description("after a backup was put back, before the gateway starts: let what waits ask its destination first")
    .option("--json", "print one JSON object", false)
    .action(async ({ json }: { json: boolean }) => {
      process.exitCode = await (await import("../restored.ts")).restored(json);
    });
}
