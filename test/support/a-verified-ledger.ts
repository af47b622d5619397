import { join } from "node:path";
import { onTestFinished } from "vitest";
import type { Entry, Ledger, NewDelivery } from "../../src/ledger/ledger.ts";
import { openSqliteLedger } from "../../src/ledger/sqlite/sqlite-ledger.ts";
import { configureDestination } from "../../src/model/configured-destination.ts";
import type { Destination } from "../../src/model/destination.ts";
import { deliveryIdOf, type LeadId } from "../../src/model/id.ts";
import { silentLog } from "../../src/model/log.ts";
import { type CompletenessDuty, createCompleteness } from "../../src/watch/completeness.ts";
import { anActor, arrived, claimFrom } from "../conformance/ledger/steps.ts";
import type { TestCrm } from "./a-crm.ts";
import { aDelivery, aLead, aMoment } from "./a-lead.ts";
import { aFolder } from "./sqlite-file.ts";

/** When everything is looked at: well after it was delivered. */
export const later = aMoment + 3_600_000;

export type VerifiedLedger = {
  ledger: Ledger;
  destinations: Destination[];
  completeness: CompletenessDuty;
  /** Waits it took, in milliseconds; none really takes any time. */
  waits: number[];
  /** Keeps leads that are delivered to the CRM at once, as a lane would. */
  deliver(count: number, overrides?: Partial<Entry["lead"]>): Promise<LeadId[]>;
  /** What waits for the CRM is delivered, asked for first where it is uncertain. */
  drain(at?: number): Promise<void>;
  /** Another machine on the same file. */
  another(): CompletenessDuty;
};

/** A ledger of its own with one destination, `crm`, and what looks for its leads. */
export function aVerifiedLedger(crm: TestCrm, { now = () => later }: { now?(): number } = {}): VerifiedLedger {
  const { destination } = configureDestination("crm", crm.spec);
  if (!destination) throw new Error("the CRM of the test is configured wrong");
  const ledger = openSqliteLedger({ path: join(aFolder(), "ledger.db") });
  onTestFinished(() => ledger.close());
  const waits: number[] = [];

  function machine(): CompletenessDuty {
    return createCompleteness({
      ledger,
      destinations: destination ? [destination] : [],
      readBack: async (asked, deliveries, signal) => {
        signal.throwIfAborted();
        return (await asked.readBack?.(deliveries, context(signal))) ?? new Map();
      },
      stepAside: async () => {},
      wait: async (ms, signal) => {
        signal.throwIfAborted();
        waits.push(ms);
      },
      now,
      log: silentLog,
    });
  }

  const context = (signal: AbortSignal) => ({ signal, now, fetch, correctPace() {} });

  async function drain(at = later): Promise<void> {
    const claims = await claimFrom(ledger, { limit: 1_000, now: at });
    const settled = claims.map(async (claim) => {
      const { delivery, lead } = claim;
      const links = { confirm: () => null, withdraw: () => null };
      const entry = { ...context(new AbortController().signal), links, save: async () => {}, event: delivery.event };
      const known = { deliveryId: delivery.id, purpose: delivery.purpose, attempt: delivery.attempts, progress: null };
      const { uncertain, superseded } = delivery;
      const full = { ...entry, ...known, uncertain, superseded };
      const found = uncertain ? await destination?.find?.(lead, full) : null;
      const sent =
        found?.type === "found" ? found : (await destination?.deliver([{ lead, context: full }]))?.get(delivery.id);
      const ref = sent && "ref" in sent && sent.ref !== undefined ? sent.ref : null;
      await ledger.settle({ ...arrived(claim), next: { state: "delivered", ref, warnings: [] } });
    });
    await Promise.all(settled);
  }

  async function deliver(count: number, overrides: Partial<Entry["lead"]> = {}): Promise<LeadId[]> {
    const leads = Array.from({ length: count }, () => aLead(overrides));
    await Promise.all(leads.map((lead) => ledger.accept({ lead, deliveries: [aDelivery()], key: null })));
    await drain(aMoment);
    return leads.map(({ id }) => id);
  }

  return { ledger, destinations: [destination], completeness: machine(), waits, deliver, drain, another: machine };
}

/** A delivery to the CRM in another state than delivered. */
export function keep(ledger: Ledger, delivery: Partial<NewDelivery>, lead = aLead()): Promise<unknown> {
  return ledger.accept({ lead, deliveries: [aDelivery(delivery)], key: null });
}

export const crmDelivery = (lead: LeadId) => deliveryIdOf(lead, "crm");
export { anActor };
