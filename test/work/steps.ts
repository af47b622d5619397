import * as z from "zod";
import { submission } from "../../bench/support/a-submission.ts";
import { checkConfig } from "../../src/config/config.ts";
import { createLanes } from "../../src/delivery/lanes.ts";
import { type Gateway, openGateway } from "../../src/gateway.ts";
import type { Claim, Ledger, Settlement } from "../../src/ledger/ledger.ts";
import { configureDestination } from "../../src/model/configured-destination.ts";
import { defineDestination } from "../../src/model/destination.ts";
import { silentLog } from "../../src/model/log.ts";
import { arrived, claimFrom } from "../conformance/ledger/steps.ts";
import { aConsent, aDelivery, aLead, aMoment, anEntry } from "../support/a-lead.ts";
import { aRequest } from "../support/intake.ts";
import { noLinks } from "../support/no-links.ts";

const destinations = ["crm", "mail", "sheet"];

/** A gateway with a form for three destinations that nothing is delivered to: it is not started, and its clock stands still. */
export async function aStandingGateway(folder: string): Promise<Gateway> {
  const options = await checkConfig(
    { destinations: Object.fromEntries(destinations.map((id) => [id, nowhere({})])) },
    { LEADKEEP_DATA: folder, LEADKEEP_ALERT_EMAIL: "none" },
  );
  return openGateway(options, { log: silentLog, now: () => aMoment });
}

/**
 * So many visitors send the form in the same moment, read off the socket already. `keys`: what their browsers' keys begin with.
 * @throws when one is not thanked
 */
export async function submitAtOnce(gateway: Gateway, leads: number, keys: string | null = null): Promise<void> {
  const replies = await Promise.all(
    Array.from({ length: leads }, (_, i) => {
      const body = { ...submission, email: `ada${i}@example.com`, ...(keys === null ? {} : { _key: `${keys}-${i}` }) };
      return gateway.receive("/f/contact", aRequest({ body }));
    }),
  );
  const refused = replies.find((reply) => reply?.status !== 202);
  if (refused !== undefined) throw new Error(`answered ${refused?.status}`);
}

/** So many leads for three destinations, kept in the same moment. */
export async function acceptAtOnce(ledger: Ledger, leads: number): Promise<void> {
  const deliveries = destinations.map((destination) => aDelivery({ destination }));
  const entries = Array.from({ length: leads }, () => anEntry({ lead: aLead({ consents: [aConsent()] }), deliveries }));
  await Promise.all(entries.map((entry) => ledger.accept(entry)));
}

/** Takes so many new deliveries of one destination, and settles them together once all of them are over. */
export async function deliverAtOnce(
  ledger: Ledger,
  deliveries: number,
  end: (claim: Claim) => Settlement = arrived,
): Promise<void> {
  const claims = await claimFrom(ledger, { limit: deliveries });
  if (claims.length !== deliveries) throw new Error(`${claims.length} of ${deliveries} could be claimed`);
  await Promise.all(claims.map((claim) => ledger.settle(end(claim))));
}

/** Brings what waits for one destination to where it costs nothing, through a lane with 64 attempts at once. */
export async function drainThroughLane(ledger: Ledger): Promise<number> {
  const { destination } = configureDestination("crm", nowhere({ concurrency: 64 }));
  if (!destination) throw new Error("not configured");
  const lanes = createLanes({
    destinations: [destination],
    ledger,
    fetch: () => Promise.reject(new Error("unused")),
    now: () => aMoment,
    monotonic: () => performance.now(),
    random: () => 0,
    links: noLinks,
    log: silentLog,
  });
  const { attempts } = await lanes.drain(60_000);
  return attempts;
}

const nowhere = defineDestination({
  kind: "nowhere",
  label: "Nowhere",
  options: z.strictObject({}),
  deliver: async () => ({ type: "delivered" }),
});
