import { LeadkeepError } from "../model/errors.ts";
import { isLeadId } from "../model/id.ts";
import { plain, print, printAside } from "./output.ts";
import { commandActor, withLedger } from "./with-ledger.ts";

/** `leadkeep grant <lead> <purpose>`: puts a consent on record that was given outside the form, and releases what waited for it. */
export function grant(id: string, purpose: string, text: string | null): Promise<number> {
  return withLedger(async (ledger) => {
    const event = {
      purpose,
      action: "granted",
      text,
      version: null,
      at: Date.now(),
      source: "command",
      control: null,
      pageUrl: null,
    } as const;
    try {
      if (!isLeadId(id)) throw new LeadkeepError("unknown_lead", `There is no lead ${plain(id)}.`);
      const { released } = await ledger.recordConsent(id, event, commandActor);
      print(
        `Consent for "${plain(purpose)}" is on record. ${released.length} withheld ${released.length === 1 ? "delivery was" : "deliveries were"} released.`,
      );
      return 0;
    } catch (error) {
      if (!(error instanceof LeadkeepError) || error.code !== "unknown_lead") throw error;
      printAside(`${error.message} List them with: leadkeep leads`);
      return 1;
    }
  });
}
