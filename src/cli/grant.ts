import { openConsentDesk } from "../gateway.ts";
import { LeadkeepError } from "../model/errors.ts";
import { isLeadId } from "../model/id.ts";
import { counted, jsonText, plain, print, printAside } from "./output.ts";
import { commandActor, withLedger } from "./with-ledger.ts";

/**
 * `leadkeep grant <lead> <purpose>`: puts a consent on record that was given outside the form, releases what waited for it, and
 * has it passed on.
 */
export function grant(
  id: string,
  purpose: string,
  { text = null, json }: { text?: string | null; json: boolean },
): Promise<number> {
  return withLedger(async (ledger, options) => {
    const desk = openConsentDesk(options, ledger);
    try {
      if (!isLeadId(id)) throw new LeadkeepError("unknown_lead", `There is no lead ${plain(id)}.`);
      const { released, followUps } = await desk.grant(id, { purpose, text, source: "command" }, commandActor);
      if (json) {
        print(jsonText({ lead_id: id, purpose, released, follow_ups: followUps }, 2));
        return 0;
      }
      print(
        `Consent for "${plain(purpose)}" is on record. ${counted(released.length, "withheld delivery was", "withheld deliveries were")} released.`,
      );
      if (followUps.length > 0)
        print(`${counted(followUps.length, "destination that holds it is", "destinations that hold it are")} told.`);
      return 0;
    } catch (error) {
      if (!(error instanceof LeadkeepError) || !["unknown_lead", "erased"].includes(error.code)) throw error;
      printAside(`${error.message} List them with: leadkeep leads`);
      return 1;
    }
  });
}
