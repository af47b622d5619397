import { openSpamDesk } from "../gateway.ts";
import { isLeadId, type LeadId } from "../model/id.ts";
import { jsonText, plain, print, printAside } from "./output.ts";
import { commandActor, withLedger } from "./with-ledger.ts";

/**
 * `leadkeep quarantine <lead…>`: holds leads back as spam; with `undo`, destinations that have them are told to remove them. 1
 * when any was refused, or a person has to remove something by hand.
 */
export function quarantine(
  given: readonly string[],
  { undo, json }: { undo: boolean; json: boolean },
): Promise<number> {
  return withLedger(async (ledger, options) => {
    const ids = given.filter(isLeadId);
    const held = await openSpamDesk(options, ledger).quarantine(ids, { undo }, commandActor);
    const { length: removing } = held.removing;
    const told = new Set<string>([...held.quarantined, ...(undo ? ids : [])]);
    const refused = refuse(given, told, "is not an active lead");
    if (json) {
      const { quarantined, byHand } = held;
      print(jsonText({ quarantined, removing: held.removing, by_hand: byHand, refused }, 2));
      return refused.length > 0 || byHand.length > 0 ? 1 : 0;
    }
    for (const id of held.quarantined) print(`${id} is held back.`);
    if (removing > 0) print(`${removing} ${removing === 1 ? "destination is" : "destinations are"} told to remove it.`);
    for (const { lead, destination, message } of held.byHand)
      print(`BY HAND at ${destination} (${lead}): ${plain(message)}`);
    return refused.length > 0 || held.byHand.length > 0 ? 1 : 0;
  });
}

/** `leadkeep release <lead…>`: lets quarantined leads go on. 1 when any was refused. */
export function release(given: readonly string[], json: boolean): Promise<number> {
  return withLedger(async (ledger, options) => {
    const released: LeadId[] = await openSpamDesk(options, ledger).release(given.filter(isLeadId), commandActor);
    const refused = refuse(given, new Set<string>(released), "is not a quarantined lead");
    if (json) print(jsonText({ released, refused }, 2));
    else for (const id of released) print(`${id} is released; its deliveries are on their way.`);
    return refused.length > 0 ? 1 : 0;
  });
}

/** Says which of the given were not done, and why. */
function refuse(given: readonly string[], done: ReadonlySet<string>, message: string): string[] {
  const refused = given.filter((id) => !done.has(id));
  for (const id of refused) printAside(`${plain(id)} ${message}.`);
  return refused;
}
