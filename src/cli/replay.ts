import type { Ledger, Selection } from "../ledger/ledger.ts";
import type { DeliveryState } from "../model/delivery.ts";
import { type DeliveryId, parseDeliveryId } from "../model/id.ts";
import { counted, jsonText, nothingChanged, plain, print, printAside, table } from "./output.ts";
import { commandActor, withLedger } from "./with-ledger.ts";

export type ReplayOptions = { dryRun: boolean; json: boolean };

/**
 * `leadkeep replay`: makes chosen deliveries pending again, and ends the machine's pause of their destinations: who replays
 * takes the trouble to be over. With `dryRun` it only shows them. 1 when any was refused.
 */
export function replay(selection: Selection, { dryRun, json }: ReplayOptions): Promise<number> {
  return withLedger(async (ledger) => {
    if (dryRun) return plan(selection, ledger, json);
    const now = Date.now();
    const { replayed, refused } = await ledger.replay(selection, { now, actor: commandActor });
    const destinations = new Set(replayed.map(destinationOf));
    const resumed: string[] = [];
    for (const pause of await ledger.pauses()) {
      if (pause.by !== "machine" || !destinations.has(pause.destination)) continue;
      await ledger.resume(pause.destination, { now, actor: commandActor });
      resumed.push(pause.destination);
      if (!json) print(`${pause.destination} was paused (${plain(pause.reason.message)}); it is tried again.`);
    }
    for (const { id, message } of refused) printAside(`${plain(id)} ${message}.`);
    if (json) print(jsonText({ replayed, refused, resumed, dry_run: false }, 2));
    else print(`${counted(replayed.length, "delivery is", "deliveries are")} pending again.`);
    return refused.length > 0 ? 1 : 0;
  });
}

/** Shows what is meant, and where it stands. Which of it is refused, the ledger says only when it is asked to do it. */
async function plan(selection: Selection, ledger: Ledger, json: boolean): Promise<number> {
  const rows = "ids" in selection ? await statesOf(selection.ids, ledger) : await deadOf(selection.destination, ledger);
  if (json) print(jsonText({ dry_run: true, deliveries: rows }, 2));
  else {
    const cells = rows.map(({ destination, state, count, reason }) => [
      destination,
      state,
      String(count),
      reason ?? "",
    ]);
    for (const line of table([["destination", "state", "deliveries", "reason"], ...cells], 90)) print(line);
    print(nothingChanged);
  }
  return 0;
}

type Meant = { destination: string; state: DeliveryState | "not on record"; count: number; reason: string | null };

async function statesOf(ids: readonly DeliveryId[], ledger: Ledger): Promise<Meant[]> {
  const rows: Meant[] = [];
  for (const id of ids) {
    const lead = parseDeliveryId(id)?.leadId;
    const record = lead ? await ledger.findLead(lead) : null;
    const found = record?.deliveries.find((one) => one.id === id);
    const state = found?.state ?? "not on record";
    rows.push({ destination: destinationOf(id), state, count: 1, reason: found?.reason?.message ?? null });
  }
  return rows;
}

async function deadOf(destination: string | undefined, ledger: Ledger): Promise<Meant[]> {
  const groups = (await ledger.deadLetters()).filter((one) => (destination ?? one.destination) === one.destination);
  return groups.map(({ reason, ...one }) => ({
    destination: one.destination,
    state: "dead",
    count: one.count,
    reason: reason.message,
  }));
}

function destinationOf(id: DeliveryId): string {
  return parseDeliveryId(id)?.destination ?? "";
}
