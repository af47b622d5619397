import { openConsentDesk } from "../gateway.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { latestConsent } from "../model/consent.ts";
import { isLeadId, type LeadId } from "../model/id.ts";
import type { ConsentChange, ConsentDesk } from "../privacy/consent-desk.ts";
import { counted, jsonText, plain, print, printAside } from "./output.ts";
import { commandActor, withLedger } from "./with-ledger.ts";

/**
 * `leadkeep withdraw <lead|email> <purpose>`: puts a withdrawal on record for every lead of the person, stops what waits, and
 * has it passed on. 1 when there is no such lead, or when something is left to do by hand.
 */
export function withdraw(who: string, purpose: string, json: boolean): Promise<number> {
  return withLedger(async (ledger, options) => {
    const desk = openConsentDesk(options, ledger);
    const lead = await findLead(who, purpose, ledger, desk);
    if (!lead) {
      printAside(`There is no lead of ${plain(who)}. List them with: leadkeep leads`);
      return 1;
    }
    const change = await desk.withdraw(lead, { purpose, source: "command" }, commandActor);
    if (json) print(jsonText(changeJson(purpose, change), 2));
    else for (const line of describe(plain(purpose), change)) print(line);
    return change.byHand.length > 0 ? 1 : 0;
  });
}

/** The lead of that id; for an address, one of its leads, preferably one the purpose was agreed to with. Null: there is none. */
async function findLead(who: string, purpose: string, ledger: Ledger, desk: ConsentDesk): Promise<LeadId | null> {
  if (isLeadId(who)) {
    const record = await ledger.findLead(who);
    return record && record.lead.state !== "erased" ? who : null;
  }
  const leads = (await desk.leadsOf({ email: who.trim().toLowerCase(), phone: null })).map(({ lead }) => lead);
  const given = leads.find(({ consents }) => latestConsent(consents, purpose)?.action === "granted");
  return (given ?? leads[0])?.id ?? null;
}

function describe(purpose: string, { leads, stopped, followUps, byHand }: ConsentChange): string[] {
  if (leads.length === 0) return [`Consent for "${purpose}" was withdrawn before. Nothing has changed.`];
  const told = followUps.length - byHand.length;
  return [
    `Consent for "${purpose}" is withdrawn, for ${counted(leads.length, "lead")} of this person.`,
    `  ${counted(stopped.length, "waiting delivery was", "waiting deliveries were")} stopped.`,
    `  ${counted(told, "destination is", "destinations are")} told.`,
    ...byHand.map(({ lead, destination, message }) => `  By hand, at ${destination} (${lead}): ${plain(message)}`),
  ];
}

function changeJson(purpose: string, { leads, stopped, followUps, byHand }: ConsentChange): object {
  return { purpose, leads, stopped, follow_ups: followUps, by_hand: byHand };
}
