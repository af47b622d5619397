import { type Command, Option } from "commander";
import type { LeadFilter, Selection } from "../../ledger/ledger.ts";
import { deliveryStates } from "../../model/delivery.ts";
import type { DeliveryId } from "../../model/id.ts";
import { leadStates } from "../../model/lead.ts";
import { collectDeliveries, count, time } from "../arguments.ts";
import type { ResyncOptions } from "../resync.ts";

type LeadsOptions = { json: boolean; csv: boolean; delivery?: NonNullable<LeadFilter["deliveryState"]> };

/** Commands that look at leads and send them again. */
export function leadsCommands(program: Command): void {
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
      const { listLeads } = await import("../leads.ts");
      const wanted = { ...filter, ...(delivery ? { deliveryState: delivery } : {}) };
      process.exitCode = await listLeads(wanted, json ? "json" : csv ? "csv" : "table");
    });

  program
    .command("show")
    .description("show one lead and the timeline of its deliveries")
    .argument("<lead>", "its id (lead_…)")
    .option("--json", "print one JSON object", false)
    .action(async (id: string, { json }: { json: boolean }) => {
      process.exitCode = await (await import("../show.ts")).showLead(id, json);
    });

  program
    .command("replay")
    .description("send deliveries again: these, or all dead letters")
    .argument("[delivery...]", "their ids (dlv_…)", collectDeliveries)
    .option("--dead", "all dead letters", false)
    .option("--destination <id>", "with --dead: only of this destination")
    .action(
      async (ids: DeliveryId[] | undefined, options: { dead: boolean; destination?: string }, command: Command) => {
        process.exitCode = await (await import("../replay.ts")).replay(selectionOf(ids ?? [], options, command));
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
      process.exitCode = await (await import("../resync.ts")).resync(id, options);
    });
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
