import type { Selection } from "../ledger/ledger.ts";
import type { DeliveryId } from "../model/id.ts";
import { plain, print, printAside } from "./output.ts";
import { commandActor, withLedger } from "./with-ledger.ts";

/**
 * `leadkeep replay`: makes chosen deliveries pending again, and ends the machine's pause of their destinations: who replays
 * takes the trouble to be over. 1 when any was refused.
 */
export function replay(selection: Selection): Promise<number> {
  return withLedger(async (ledger) => {
    const now = Date.now();
    const { replayed, refused } = await ledger.replay(selection, { now, actor: commandActor });
    for (const { id, message } of refused) printAside(`${plain(id)} ${message}.`);
    const destinations = new Set(replayed.map(destinationOf));
    for (const pause of await ledger.pauses()) {
      if (pause.by !== "machine" || !destinations.has(pause.destination)) continue;
      await ledger.resume(pause.destination, { now, actor: commandActor });
      print(`${pause.destination} was paused (${pause.reason.message}); it is tried again.`);
    }
    print(`${replayed.length} ${replayed.length === 1 ? "delivery is" : "deliveries are"} pending again.`);
    return refused.length > 0 ? 1 : 0;
  });
}

function destinationOf(id: DeliveryId): string {
  return id.slice(id.lastIndexOf("_") + 1);
}
