import type {
  Actor,
  Claim,
  ClaimRequest,
  LeadFilter,
  LeadRecord,
  Ledger,
  Settlement,
} from "../../../src/ledger/ledger.ts";
import type { Gate } from "../../../src/model/consent.ts";
import type { LeadId } from "../../../src/model/id.ts";
import { aMoment } from "../../support/a-lead.ts";

/** What every test of the suite does: claim, settle, look. */

export const leaseMs = 30_000;
export const anActor: Actor = { type: "command", name: "somebody" };
export const serverTrouble = { code: "server_error", message: "answered 503", status: 503 };
export const closedGate: Gate = {
  type: "withheld",
  reason: { code: "consent_withdrawn", message: 'consent for "enquiry" was withdrawn' },
};

/** Claims up to 100 from `crm` with an open gate unless told otherwise. */
export function claimFrom(ledger: Ledger, overrides: Partial<ClaimRequest> = {}): Promise<Claim[]> {
  const now = overrides.now ?? aMoment;
  return ledger.claim({
    destination: "crm",
    limit: 100,
    now,
    leaseUntil: now + leaseMs,
    worker: "worker-1",
    gate: () => ({ type: "open", basis: "consent" }),
    ...overrides,
  });
}

/** Claims exactly one; throws when it is not one. */
export async function claimOne(ledger: Ledger, overrides: Partial<ClaimRequest> = {}): Promise<Claim> {
  const [claim, ...more] = await claimFrom(ledger, overrides);
  if (!claim || more.length > 0) throw new Error(`claimed ${claim ? more.length + 1 : 0}, not one`);
  return claim;
}

/** The settlement of a claim that arrived. */
export function arrived({ delivery }: Claim, overrides: Partial<Settlement> = {}): Settlement {
  return {
    deliveryId: delivery.id,
    n: delivery.attempts,
    durationMs: 120,
    outcome: { type: "delivered", ref: "there-1", warnings: ["one"], status: 201 },
    next: { state: "delivered", ref: "there-1", warnings: ["one"] },
    ...overrides,
  };
}

/** The settlement of a claim to be tried again a minute after `aMoment`. */
export function putOff({ delivery }: Claim, overrides: { dueAt?: number; tries?: number; uncertain?: boolean } = {}) {
  return {
    deliveryId: delivery.id,
    n: delivery.attempts,
    durationMs: 120,
    outcome: { type: overrides.uncertain ? "uncertain" : "retry", reason: serverTrouble },
    next: {
      state: "pending",
      dueAt: aMoment + 60_000,
      tries: 1,
      uncertain: false,
      reason: serverTrouble,
      ...overrides,
    },
  } satisfies Settlement;
}

/** The settlement of a claim that is never going to arrive. */
export function buried({ delivery }: Claim): Settlement {
  const reason = { code: "rejected", message: "answered 422", status: 422 };
  return {
    deliveryId: delivery.id,
    n: delivery.attempts,
    durationMs: 120,
    outcome: { type: "rejected", reason },
    next: { state: "dead", tries: 1, reason },
  };
}

/** A lead's delivery with its history; throws when it is not on record. */
export async function deliveryOf(ledger: Ledger, leadId: LeadId, destination = "crm") {
  const record = await ledger.findLead(leadId);
  const found = record?.deliveries.find((delivery) => delivery.destination === destination);
  if (!found) throw new Error(`${leadId} has no delivery to ${destination}`);
  return found;
}

/** Everything a filter lets through. */
export async function listed(ledger: Ledger, filter: LeadFilter = {}): Promise<LeadRecord[]> {
  const records: LeadRecord[] = [];
  for await (const record of ledger.listLeads(filter)) records.push(record);
  return records;
}

/** The ids of the leads of claims, in their order. */
export function leadsOf(claims: readonly Claim[]): LeadId[] {
  return claims.map(({ lead }) => lead.id);
}
