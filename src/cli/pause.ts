import { plain, print, printAside } from "./output.ts";
import { commandActor, withLedger } from "./with-ledger.ts";

/** `leadkeep pause <destination>`: it takes no deliveries until resumed; they wait. */
export function pause(destination: string): Promise<number> {
  return withLedger(async (ledger, options) => {
    if (!options.destinations.some(({ id }) => id === destination)) {
      printAside(`There is no destination ${plain(destination)}. Configured: ${namesOf(options.destinations)}.`);
      return 1;
    }
    const reason = { code: "paused", message: "paused by a person" };
    await ledger.pause({ destination, since: Date.now(), by: "person", reason });
    print(`${destination} is paused. Leads for it wait; resume with: leadkeep resume ${destination}`);
    return 0;
  });
}

/** `leadkeep resume <destination>`: ends a pause, whoever began it. 1 when there was none. */
export function resume(destination: string): Promise<number> {
  return withLedger(async (ledger) => {
    const resumed = await ledger.resume(destination, { now: Date.now(), actor: commandActor });
    if (resumed) print(`${plain(destination)} is resumed; what waited goes out.`);
    else printAside(`${plain(destination)} is not paused.`);
    return resumed ? 0 : 1;
  });
}

function namesOf(destinations: readonly { id: string }[]): string {
  return destinations.map(({ id }) => id).join(", ") || "none";
}
