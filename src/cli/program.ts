import { readFileSync } from "node:fs";
import { Command, InvalidArgumentError, Option } from "commander";
import type { LeadFilter, Selection } from "../ledger/ledger.ts";
import { deliveryStates } from "../model/delivery.ts";
import { type DeliveryId, parseDeliveryId } from "../model/id.ts";
import { leadStates } from "../model/lead.ts";
import type { ResyncOptions } from "./resync.ts";

type LeadsOptions = { json: boolean; csv: boolean; delivery?: NonNullable<LeadFilter["deliveryState"]> };

/** The command line. Each command loads only the code it needs. */
export function createProgram(): Command {
  const program = new Command("leadkeep")
    .description("Keeps every form lead, and delivers it.")
    .version(version(), "-v, --version")
    .exitOverride()
    .showHelpAfterError("(leadkeep --help lists the commands)")
    .configureHelp({ showGlobalOptions: true });

  program
    .command("start")
    .description("run the gateway until it is told to stop")
    .action(async () => (await import("./start.ts")).start());

  program
    .command("demo")
    .description(
      "try everything locally: a site with a form, sandbox vendors that can be made to fail, no account needed",
    )
    .addHelpText(
      "after",
      "\nPORT (8787) is the gateway's and LEADKEEP_SANDBOX_PORT (8788) the sandbox's; 0 is any free one.",
    )
    .action(async () => (await import("./demo.ts")).demo());

  program
    .command("sign-in")
    .description("print a link that signs in to the console as owner, once, within 24 hours")
    .action(async () => (await import("./sign-in.ts")).signIn());

  program
    .command("leads")
    .description("list leads, newest first")
    .option("--form <id>", "of this form")
    .addOption(new Option("--state <state>", "in this state").choices(leadStates))
    .addOption(new Option("--delivery <state>", "with a delivery in this state").choices(deliveryStates))
    .option("--destination <id>", "with a delivery to this destination")
    .option("--since <time>", "received at or after, e.g. 2026-11-01 or 2026-11-01T08:00:00Z", time)
    .option("--until <time>", "received before", time)
    .option("--limit <n>", "at most this many", count)
    .addOption(new Option("--json", "print one JSON array").default(false).conflicts("csv"))
    .option("--csv", "print CSV that is safe to open in a spreadsheet", false)
    .action(async ({ json, csv, delivery, ...filter }: LeadFilter & LeadsOptions) => {
      const { listLeads } = await import("./leads.ts");
      const wanted = { ...filter, ...(delivery ? { deliveryState: delivery } : {}) };
      process.exitCode = await listLeads(wanted, json ? "json" : csv ? "csv" : "table");
    });

  program
    .command("show")
    .description("show one lead and the timeline of its deliveries")
    .argument("<lead>", "its id (lead_…)")
    .option("--json", "print one JSON object", false)
    .action(async (id: string, { json }: { json: boolean }) => {
      process.exitCode = await (await import("./show.ts")).showLead(id, json);
    });

  program
    .command("replay")
    .description("send deliveries again: these, or all dead letters")
    .argument("[delivery...]", "their ids (dlv_…)", collectDeliveries)
    .option("--dead", "all dead letters", false)
    .option("--destination <id>", "with --dead: only of this destination")
    .action(
      async (ids: DeliveryId[] | undefined, options: { dead: boolean; destination?: string }, command: Command) => {
        process.exitCode = await (await import("./replay.ts")).replay(selectionOf(ids ?? [], options, command));
      },
    );

  program
    .command("resync")
    .description("give a destination the leads it lacks: never sent there, or dead letters")
    .argument("<destination>", "its id")
    .option("--form <id>", "of this form")
    .option("--since <time>", "received at or after, e.g. 2026-11-01 or 2026-11-01T08:00:00Z", time)
    .option("--until <time>", "received before", time)
    .option("--dry-run", "only count them", false)
    .option("--json", "print one JSON object", false)
    .action(async (id: string, options: ResyncOptions) => {
      process.exitCode = await (await import("./resync.ts")).resync(id, options);
    });

  program
    .command("grant")
    .description("record a consent given outside the form, and release what waited for it")
    .argument("<lead>", "its id (lead_…)")
    .argument("<purpose>", "what for, e.g. enquiry or marketing")
    .option("--text <wording>", "the wording the person agreed to")
    .action(async (lead: string, purpose: string, { text }: { text?: string }) => {
      process.exitCode = await (await import("./grant.ts")).grant(lead, purpose, text ?? null);
    });

  program
    .command("export")
    .description("hand out everything on record of a person, as a zip")
    .argument("<email|phone>", "the person's e-mail address or phone number")
    .option("--out <file>", "where to; a file that exists is not overwritten")
    .option("--json", "print it as one JSON object instead", false)
    .action(async (person: string, { out, json }: { out?: string; json: boolean }) => {
      process.exitCode = await (await import("./export.ts")).exportPerson(person, out ?? null, json);
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
      const { erasePerson, showErasure } = await import("./erase.ts");
      process.exitCode = options.status ? await showErasure(person, options.json) : await erasePerson(person, options);
    });

  program
    .command("retention")
    .description("end what has been kept long enough; a running gateway does it daily")
    .option("--dry-run", "only show what would end", false)
    .option("--json", "print one JSON array", false)
    .action(async ({ dryRun, json }: { dryRun: boolean; json: boolean }) => {
      process.exitCode = await (await import("./retention.ts")).retention(dryRun, json);
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
      process.exitCode = await (await import("./withdraw.ts")).withdraw(who, purpose, json);
    });

  program
    .command("pause")
    .description("stop sending to a destination; leads for it wait")
    .argument("<destination>", "its id")
    .action(async (id: string) => {
      process.exitCode = await (await import("./pause.ts")).pause(id);
    });

  program
    .command("resume")
    .description("send to a paused destination again")
    .argument("<destination>", "its id")
    .action(async (id: string) => {
      process.exitCode = await (await import("./pause.ts")).resume(id);
    });

  program
    .command("doctor")
    .description("look, without changing anything, whether destinations are ready for leads")
    .argument("[destination]", "its id, or the beginning several share (mail); all when left out")
    .option("--send-to <address>", "send a sample to this address as well, where that is possible (mail)")
    .option("--json", "print one JSON array", false)
    .action(async (id: string | undefined, { json, sendTo }: { json: boolean; sendTo?: string }) => {
      process.exitCode = await (await import("./doctor.ts")).doctor(id, json, sendTo ?? null);
    });

  program
    .command("mail")
    .description("the mails to the team and to the person")
    .command("preview")
    .description("write the mails, as configured and filled with an invented lead, to HTML files")
    .option("--out <folder>", "where to", "./mail-preview")
    .action(async ({ out }: { out: string }) => {
      process.exitCode = await (await import("./preview.ts")).preview(out);
    });

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
      process.exitCode = await (await import("./migrate.ts")).migrate(options);
    });

  program
    .command("backup")
    .description("copy the embedded ledger as it stands to a file, and verify the copy; a gateway may be running")
    .argument("<file>", "where to; a file that exists is not overwritten")
    .option("--check", "only look whether a backup is whole", false)
    .option("--json", "print one JSON object", false)
    .action(async (file: string, { check, json }: { check: boolean; json: boolean }) => {
      const { backup, checkBackup } = await import("./backup.ts");
      process.exitCode = check ? checkBackup(file, json) : await backup(file, json);
    });

  program
    .command("restored")
    .description("after a backup was put back, before the gateway starts: let what waits ask its destination first")
    .action(async () => {
      process.exitCode = await (await import("./restored.ts")).restored();
    });

  program
    .command("setup")
    .description("show what a destination lacks for everything to arrive (fields …), and make it")
    .argument("<destination>", "its id")
    .option("--yes", "make what is missing", false)
    .action(async (id: string, { yes }: { yes: boolean }) => {
      process.exitCode = await (await import("./doctor.ts")).setup(id, yes);
    });

  return program;
}

function selectionOf(
  ids: readonly DeliveryId[],
  { dead, destination }: { dead: boolean; destination?: string },
  command: Command,
): Selection {
  if (dead === ids.length > 0) command.error("error: name deliveries, or use --dead for all dead letters");
  if (destination !== undefined && !dead) command.error("error: --destination goes with --dead");
  if (!dead) return { ids };
  return destination === undefined ? { state: "dead" } : { state: "dead", destination };
}

function collectDeliveries(id: string, previous: DeliveryId[] | undefined): DeliveryId[] {
  if (!parseDeliveryId(id))
    throw new InvalidArgumentError("A delivery id looks like dlv_…_webhook; leadkeep show lists them.");
  return [...(previous ?? []), id as DeliveryId];
}

function time(text: string): number {
  const at = Date.parse(text);
  if (Number.isNaN(at)) throw new InvalidArgumentError("Write a date (2026-11-01) or a time (2026-11-01T08:00:00Z).");
  return at;
}

function count(text: string): number {
  const n = Number(text);
  if (!Number.isInteger(n) || n < 1) throw new InvalidArgumentError("Write a whole number from 1.");
  return n;
}

function version(): string {
  const file = new URL("../../package.json", import.meta.url);
  return (JSON.parse(readFileSync(file, "utf8")) as { version: string }).version;
}
