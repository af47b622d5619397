import { destinationNamed } from "./destination-named.ts";
import { jsonText, plain, print, printAside } from "./output.ts";
import { commandActor, withLedger } from "./with-ledger.ts";

/** `leadkeep pause <destination>`: it takes no deliveries until resumed; they wait. */
export function pause(destination: string, json: boolean): Promise<number> {
  return withLedger(async (ledger, options) => {
    if (!destinationNamed(destination, options)) return 1;
    const reason = { code: "paused", message: "paused by a person" };
    await ledger.pause({ destination, since: Date.now(), by: "person", reason });
    if (json) print(jsonText({ destination, paused: true }, 2));
    else print(`${destination} is paused. Leads for it wait; resume with: leadkeep resume ${destination}`);
    return 0;
  });
}

/** `leadkeep resume <destination>`: ends a pause, whoever began it, also of one that is not configured any more. 1 when there was none. */
export function resume(destination: string, json: boolean): Promise<number> {
  return withLedger(async (ledger) => {
    const resumed = await ledger.resume(destination, { now: Date.now(), actor: commandActor });
    if (json) print(jsonText({ destination, paused: false, resumed }, 2));
    else if (resumed) print(`${plain(destination)} is resumed; what waited goes out.`);
    else printAside(`${plain(destination)} is not paused.`);
    return resumed ? 0 : 1;
  });
}
