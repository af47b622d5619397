import type { Ledger } from "../ledger/ledger.ts";
import { jsonText, plain, print, printAside } from "./output.ts";
import { commandActor, withLedger } from "./with-ledger.ts";

export type ResyncOptions = { form?: string; since?: number; until?: number; dryRun: boolean; json: boolean };

/**
 * `leadkeep resync <destination>`: gives a destination the leads it lacks: those that were never meant for it and its dead
 * letters. Consent is asked for as ever. With `dryRun` it only counts them. 1 when there is no such destination.
 */
export function resync(id: string, { dryRun, json, ...which }: ResyncOptions): Promise<number> {
  return withLedger(async (ledger, { destinations }) => {
    const destination = destinations.find((one) => one.id === id);
    if (!destination) {
      const known = destinations.map((one) => one.id).join(", ") || "none";
      printAside(`There is no destination ${plain(id)}. Configured: ${known}.`);
      return 1;
    }
    const { kind, need } = destination;
    const request = { destination: id, kind, purpose: need.purpose, now: Date.now(), actor: commandActor, ...which };
    const count = await ledger.resync({ ...request, dryRun });
    if (json) print(jsonText({ destination: id, count, dry_run: dryRun }, 2));
    else print(dryRun ? `${leads(count)} would be sent to ${id}.` : await told(count, id, ledger));
    return 0;
  });
}

async function told(count: number, id: string, ledger: Ledger): Promise<string> {
  const pause = (await ledger.pauses()).find(({ destination }) => destination === id);
  const then = pause ? `; it is paused (${plain(pause.reason.message)}), so they wait: leadkeep resume ${id}` : "";
  return `${leads(count)} ${count === 1 ? "is" : "are"} on the way to ${id}${then}.`;
}

function leads(count: number): string {
  return count === 1 ? "1 lead" : `${count} leads`;
}
