import { defineDestination } from "../../model/destination.ts";
import { part } from "./api.ts";
import { checkHubSpot } from "./check.ts";
import { deliverToHubSpot } from "./deliver.ts";
import { eraseFromHubSpot } from "./erase.ts";
import { options } from "./options.ts";
import { planRequests } from "./plan.ts";
import { readBackFromHubSpot } from "./read-back.ts";
import { setUpHubSpot } from "./set-up.ts";
import { grantAtHubSpot } from "./subscribe.ts";
import { withdrawFromHubSpot } from "./withdraw.ts";

/**
 * Brings each person into HubSpot once, as a contact with all its values and where it came from, and on request opens a deal,
 * writes a note and submits a form. A backlog goes in batches of a hundred. Withdrawals and erasures reach HubSpot too.
 *
 * Pace: the least of HubSpot's plans, 100 calls in 10 seconds, per
 * https://developers.hubspot.com/docs/developer-tooling/platform/usage-guidelines (read 2026-11); set `pace` to 190 on
 * Professional and Enterprise. There is no `find`: every step is repeatable, or looks by itself before it creates.
 */
export const hubspot = defineDestination({
  kind: "hubspot",
  label: "HubSpot",
  options,
  concurrency: 4,
  pace: { limit: 100, intervalMs: 10_000 },
  batchSize: 100,
  deliverBatch: deliverToHubSpot,
  grant: grantAtHubSpot,
  withdraw: withdrawFromHubSpot,
  erase: eraseFromHubSpot,
  canErase: ({ erase }) => erase !== "by-hand",
  readBack: readBackFromHubSpot,
  readBackSize: 100,
  linkTo: (contact, { portalId, form }) => {
    const account = portalId ?? form?.portalId;
    return account && contact ? `https://app.hubspot.com/contacts/${account}/record/0-1/${part(contact)}` : null;
  },
  byHand: "Delete the contact for good in HubSpot, with the notes and deals that name Leadkeep.",
  check: checkHubSpot,
  setup: setUpHubSpot,
  plan: (lead, options, { now }) => planRequests(lead, options, now),
});
