import { createGuardedNetwork } from "../../src/delivery/guarded-fetch.ts";
import type { LeadRecord } from "../../src/ledger/ledger.ts";
import type { Delivered, Destination, Presence, SyncContext } from "../../src/model/destination.ts";
import { deliveryIdOf } from "../../src/model/id.ts";
import type { Lead } from "../../src/model/lead.ts";

/** A delivery on record as delivered, as verify hands it to a destination. */
export function aDelivered(lead: Lead, destination: string, ref: string | null): Delivered {
  return { deliveryId: deliveryIdOf(lead.id, destination), leadId: lead.id, ref, receivedAt: lead.receivedAt, lead };
}

/** The same of a lead on record. */
export function deliveredOf({ lead, deliveries }: LeadRecord, destination: string): Delivered {
  const delivery = deliveries.find((one) => one.destination === destination);
  return aDelivered(lead, destination, delivery?.ref ?? null);
}

/** What a destination says of deliveries, in their order; over the real network, in portions as large as it takes. */
export async function readBack(
  destination: Destination,
  deliveries: readonly Delivered[],
  { timeoutMs = 20_000, now = Date.now }: { timeoutMs?: number; now?: () => number } = {},
): Promise<(Presence | undefined)[]> {
  const network = createGuardedNetwork({ allowPrivateNetwork: true });
  const signal = AbortSignal.timeout(timeoutMs);
  const context: SyncContext = {
    signal,
    now,
    correctPace() {},
    fetch: (url, init) => network.fetch(url, { ...init, signal }, () => {}),
  };
  try {
    const presences: (Presence | undefined)[] = [];
    for (let i = 0; i < deliveries.length; i += destination.readBackSize) {
      const portion = deliveries.slice(i, i + destination.readBackSize);
      const answers = await destination.readBack?.(portion, context);
      presences.push(...portion.map(({ deliveryId }) => answers?.get(deliveryId)));
    }
    return presences;
  } finally {
    await network.close();
  }
}
