import { latestConsent } from "../../model/consent.ts";
import type { Fields } from "./fields.ts";
import type { Session } from "./session.ts";

/** What persons may be. The field is there only with the Campaigns add-on, per https://developers.pipedrive.com/docs/api/v1/PersonFields (read 2026-11). */
export function hasMarketingStatus({ person }: Fields): boolean {
  return person.some(({ code }) => code === "marketing_status");
}

/**
 * What a lead's consents say of its person's marketing status; null: nothing, leave it. Consent that waits for its
 * confirmation says nothing yet, and neither does a box that was not ticked.
 */
export function statusWanted({
  lead,
  fields,
  options,
}: Pick<Session, "lead" | "fields" | "options">): "subscribed" | "unsubscribed" | null {
  const { marketingPurpose } = options;
  // Without a valid address the status is not set, per https://developers.pipedrive.com/docs/api/v1/Persons (read 2026-11).
  if (marketingPurpose === null || lead.email === null || !hasMarketingStatus(fields)) return null;
  const action = latestConsent(lead.consents, marketingPurpose)?.action;
  if (action === "granted") return "subscribed";
  return action === "withdrawn" ? "unsubscribed" : null;
}
