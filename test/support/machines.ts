import * as z from "zod";
import { createLanes } from "../../src/delivery/lanes.ts";
import type { Ledger } from "../../src/ledger/ledger.ts";
import { configureDestination } from "../../src/model/configured-destination.ts";
import {
  type DeliveryContext,
  type Destination,
  type DestinationSettings,
  defineDestination,
} from "../../src/model/destination.ts";
import type { LeadId } from "../../src/model/id.ts";
import { silentLog } from "../../src/model/log.ts";
import type { Outcome } from "../../src/model/outcome.ts";
import { aConsent, aDelivery, aLead, anEntry } from "./a-lead.ts";
import { noLinks } from "./no-links.ts";

/** What a machine's lanes work with; `frozen` ones stand still at their next call until they are woken, like a stopped process. */
export type Machine = ReturnType<typeof aMachine>;

/** The lanes of one machine, working for the destination `crm`. `skewMs`: how far its clock is ahead. */
export function aMachine(ledger: Ledger, destination: Destination, sink: Sink, { skewMs = 0 } = {}) {
  let thaw: Promise<void> = Promise.resolve();
  let wake = (): void => {};
  const frozen = freezable(ledger, () => thaw);
  const now = () => Date.now() + skewMs;
  const lanes = createLanes({
    destinations: [destination],
    ledger: frozen,
    fetch: async (_url, _init, sent) => {
      await thaw;
      sent();
      await sink.call();
      return new Response();
    },
    now,
    monotonic: () => performance.now(),
    random: () => 0,
    links: noLinks,
    log: silentLog,
  });
  return {
    lanes,
    /** Keeps leads as a form's would be and wakes the lanes of this machine only. */
    async post(count = 1): Promise<LeadId[]> {
      const leads = Array.from({ length: count }, () => aLead({ receivedAt: now(), consents: [aConsent()] }));
      await Promise.all(leads.map((lead) => frozen.accept(anEntry({ lead, deliveries: [aDelivery()] }))));
      lanes.wake();
      return leads.map(({ id }) => id);
    },
    freeze(): void {
      thaw = new Promise((resolve) => {
        wake = resolve;
      });
    },
    wake: () => wake(),
  };
}

/** The same ledger, except that nothing is done while its machine stands still. */
function freezable(ledger: Ledger, thaw: () => Promise<void>): Ledger {
  const { together } = ledger;
  return {
    ...slowed(ledger, thaw),
    together: slowed(together, thaw),
    onWake: ledger.onWake,
    listLeads: ledger.listLeads,
  };
}

function slowed<T extends object>(target: T, thaw: () => Promise<void>): T {
  const slow = Object.entries(target).map(([name, value]) => [
    name,
    typeof value !== "function"
      ? value
      : async (...given: unknown[]) => {
          await thaw();
          return value(...given);
        },
  ]);
  return Object.fromEntries(slow) as T;
}

/** Where calls arrive: when, and how many at the same time. `takeMs`: how long each one takes. */
export type Sink = ReturnType<typeof aSink>;

export function aSink(takeMs = 0) {
  const calls: number[] = [];
  let atOnce = 0;
  let most = 0;
  return {
    calls,
    most: () => most,
    /** Counts from here on. */
    forget(): void {
      calls.length = 0;
      most = atOnce;
    },
    async call(): Promise<void> {
      calls.push(performance.now());
      atOnce += 1;
      most = Math.max(most, atOnce);
      if (takeMs > 0) await new Promise((resolve) => setTimeout(resolve, takeMs));
      atOnce -= 1;
    },
  };
}

/** A destination `crm` whose code is `deliver`; each call it makes arrives at the machine's sink. */
export function aDestination(
  deliver: (context: DeliveryContext) => Promise<Outcome>,
  settings: DestinationSettings = {},
): Destination {
  const kind = defineDestination({
    kind: "sink",
    label: "Sink",
    options: z.object({}),
    deliver: (_lead, _options, context) => deliver(context),
  });
  const { destination } = configureDestination("crm", kind({ schedule: "10ms,10ms,10ms", ...settings }));
  if (!destination) throw new Error("not configured");
  return destination;
}

/** Makes one call. */
export async function oneCall({ fetch }: DeliveryContext): Promise<Outcome> {
  await fetch("http://sink.example.com/");
  return { type: "delivered" };
}
