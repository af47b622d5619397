import { type Command, Option } from "commander";
import { type LeadFilter, lackings, type Selection } from "../../ledger/ledger.ts";
import { deliveryStates } from "../../model/delivery.ts";
import type { DeliveryId } from "../../model/id.ts";
import { leadStates } from "../../model/lead.ts";
import { collectDeliveries, count, time } from "../arguments.ts";
import type { ReplayOptions } from "../replay.ts";
import type { ResyncOptions } from "../resync.ts";
import type { VerifyOptions } from "../verify.ts";

type LeadsOptions = { json: boolean; csv: boolean; delivery?: NonNullable<LeadFilter["deliveryState"]> };

type ReplaySelection = { dead: boolean; destination?: string };

/** Commands that look at leads and send them again. */
export function leadsCommands(program: Command): void {
  program
    .command("leads")
    .description("list leads, newest first")
    .option("--form <id>", "only of this form")
    .addOption(new Option("--state <state>", "only in this state").choices(leadStates))
    .addOption(new Option("--delivery <state>", "only with a delivery in this state").choices(deliveryStates))
    .option("--destination <id>", "only with a delivery to this destination")
    .option("--since <time>", "received at or after, e.g. 2026-11-01 or 2026-11-01T08:00:00Z", time)
    .option("--until <time>", "received before", time)
    .option("--limit <n>", "at most this many", count)
    .addOption(new Option("--json", "print one JSON array").default(false).conflicts("csv"))
    .option("--csv", "print CSV that is safe to open in a spreadsheet", false)
    .action(async ({ json, csv, delivery, ...filter }: LeadFilter & LeadsOptions) => {
      const { listLeads } = await import("../leads.ts");
      const wanted = { ...filter, ...(delivery ? { deliveryState: delivery } : {}) };
      process.exitCode = await listLeads(wanted, json ? "json" : csv ? "csv" : "table");
    });

  program
    .command("show")
    .description("show one lead and the timeline of its deliveries")
    .argument("<lead>", "its id (lead_…); leadkeep leads lists them")
    .option("--json", "print one JSON object", false)
    .action(async (id: string, { json }: { json: boolean }) => {
      process.exitCode = await (await import("../show.ts")).showLead(id, json);
    });

  program
    .command("replay")
    .description("send deliveries again: these, or all dead letters")
    .argument("[delivery...]", "their ids (dlv_…_hubspot); leadkeep show lists them", collectDeliveries)
    .option("--dead", "all dead letters", false)
    .option("--destination <id>", "with --dead: only of this destination")
    .option("--dry-run", "only show them", false)
    .option("--json", "print one JSON object", false)
    .action(async (ids: DeliveryId[] | undefined, options: ReplaySelection & ReplayOptions, command: Command) => {
      const selection = selectionOf(ids ?? [], options, command);
      process.exitCode = await (await import("../replay.ts")).replay(selection, options);
    });

  program
    .command("release")
    .description("let leads in quarantine go on: they are no spam")
    .argument("<lead...>", "their ids (lead_…)")
    .option("--json", "print one JSON object", false)
    .action(async (ids: string[], { json }: { json: boolean }) => {
      process.exitCode = await (await import("../quarantine.ts")).release(ids, json);
    });

  program
    .command("quarantine")
    .description("hold leads back after all, as spam; nothing is deleted")
    .argument("<lead...>", "their ids (lead_…)")
    .option("--undo", "tell destinations that have them to remove them", false)
    .option("--json", "print one JSON object", false)
    .action(async (ids: string[], options: { undo: boolean; json: boolean }) => {
      process.exitCode = await (await import("../quarantine.ts")).quarantine(ids, options);
    });

  program
    .command("resync")
    .description(
      "give a destination the leads it lacks: never sent there, dead letters, withheld no more, or missing there",
    )
    .argument("<destination>", "its id, such as hubspot; leadkeep doctor names them all")
    .option("--form <id>", "only of this form")
    .option("--since <time>", "received at or after, e.g. 2026-11-01 or 2026-11-01T08:00:00Z", time)
    .option("--until <time>", "received before", time)
    .addOption(new Option("--state <state>", "only those it lacks for this reason").choices(lackings))
    .option("--dry-run", "only count them", false)
    .option("--json", "print one JSON object", false)
    .action(async (id: string, options: ResyncOptions) => {
      process.exitCode = await (await import("../resync.ts")).resync(id, options);
    });

  program
    .command("verify")
    .description("look whether every delivered lead is still at its destination; a gateway may be running")
    .argument("[destination]", "its id, such as hubspot; all when left out")
    .option("--since <time>", "received at or after, e.g. 2026-11-01 or 2026-11-01T08:00:00Z", time)
    .option("--until <time>", "received before", time)
    .option("--repair", "send again what is missing there", false)
    .option("--report <file>", "write a signed report, .json or .html")
    .addOption(
      new Option("--check <file>", "only check a report: its signature, and what it says").conflicts([
        "since",
        "until",
        "repair",
        "report",
      ]),
    )
    .option("--json", "print one JSON object", false)
    .action(async (id: string | undefined, { check, ...options }: VerifyOptions & { check?: string }) => {
      const { checkReportFile, verify } = await import("../verify.ts");
      process.exitCode = check === undefined ? await verify(id, options) : await checkReportFile(check, options.json);
    });
}

function selectionOf(ids: readonly DeliveryId[], { dead, destination }: ReplaySelection, command: Command): Selection {
  if (dead === ids.length > 0) command.error("error: name deliveries, or use --dead for all dead letters");
  if (destination !== undefined && !dead) command.error("error: --destination goes with --dead");
  if (!dead) return { ids };
  return destination === undefined ? { state: "dead" } : { state: "dead", destination };
}
