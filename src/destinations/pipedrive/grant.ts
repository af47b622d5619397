import type { ConsentNotice, DeliveryContext } from "../../model/destination.ts";
import type { Lead } from "../../model/lead.ts";
import type { Outcome } from "../../model/outcome.ts";
import { accountOf } from "./account.ts";
import { type Api, isStop, type Stop } from "./call.ts";
import { findPersons } from "./find-person.ts";
import { changeStatus, type Status, statusOf } from "./marketing-status.ts";
import type { Options } from "./options.ts";

/**
 * Subscribes the person whose marketing consent came after the lead, by the rules of a lead that brings it along: the one with
 * the lead's address, and only from `no_consent`. What Pipedrive does not let happen is a warning, since nobody can mend it.
 */
export async function grant(
  { lead, purpose, ref }: ConsentNotice,
  options: Options,
  context: DeliveryContext,
): Promise<Outcome> {
  const delivered = { type: "delivered", ...(ref === null ? {} : { ref }) } as const;
  if (purpose !== options.marketingPurpose) return delivered;
  const api: Api = { options, account: accountOf(options, context.now()), ...context };
  const status = lead.email === null ? "addressless" : await subscribe(api, lead);
  if (isStop(status)) return status.stop;
  if (status === "subscribed") return delivered;
  return { ...delivered, warnings: [`not subscribed in Pipedrive: ${reasons[status]}`] };
}

const reasons: Record<Exclude<Status, "subscribed"> | "addressless", string> = {
  no_consent: "it did not take the change of the marketing status, which may change only once",
  unsubscribed: "the person is unsubscribed there",
  archived: "the person is archived there",
  unknown: "the person has a marketing status this program does not know",
  none: "the account shows no marketing status (it comes with Campaigns)",
  gone: "there is no person with this address any more",
  addressless: "the marketing status hangs on an e-mail address, and there is none",
};

/** The status in the end of the first person with the address, as leads find them. */
async function subscribe(api: Api, lead: Lead): Promise<Status | Stop> {
  const ids = await findPersons({ api, lead }, true);
  if (isStop(ids)) return ids;
  for (const id of ids) {
    const status = await api.account.inTurn(`person with id ${id}`, async () => {
      const before = await statusOf(api, id);
      return before === "no_consent" ? changeStatus(api, id, "subscribed") : before;
    });
    if (status !== "gone") return status;
  }
  return "gone";
}
