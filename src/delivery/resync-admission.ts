import type { Lacking } from "../ledger/ledger.ts";
import type { Destination } from "../model/destination.ts";
import type { Lead } from "../model/lead.ts";
import { admit } from "./admission.ts";

/**
 * Whether a destination is to be given a lead it lacks, as `ResyncRequest.admits` asks: one it never got has to be for it (the form's
 * leads go there, and the destination wants it), one that was withheld has to be free to leave by now. `goesThere`: whether a form's
 * leads go to this destination. `now`: epoch milliseconds.
 */
export function admitsTo(
  destination: Destination,
  { goesThere, now }: { goesThere(form: string): boolean; now: number },
): (state: Lacking, lead: () => Lead) => boolean {
  const { purpose } = destination.need;
  return (state, read) => {
    if (state === "dead" || state === "missing") return true;
    const lead = read();
    if (state === "never") return goesThere(lead.form) && destination.wants(lead);
    return admit(destination, { event: "lead.created", purpose }, lead, null, now).type === "open";
  };
}
