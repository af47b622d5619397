import type { Actor, LeadRecord, Ledger } from "../ledger/ledger.ts";
import { type DeliveryId, type LeadId, parseDeliveryId } from "../model/id.ts";
import type { ScreeningReason } from "../model/lead.ts";
import { type ErasingDestination, erasureFollowUps } from "./erasure.ts";

/** What became of "this is spam after all". `removing`: destinations that are told to remove what they had of it. */
export type Quarantined = {
  quarantined: LeadId[];
  removing: DeliveryId[];
  /** What a person has to remove, at destinations that cannot be told. */
  byHand: { lead: LeadId; destination: string; message: string }[];
};

export type SpamDesk = ReturnType<typeof createSpamDesk>;

const byPerson: ScreeningReason = { code: "marked_by_person", points: 0, message: "a person said it is spam" };

/** What people decide about suspected spam: that a lead is, or that it is not. */
export function createSpamDesk({
  ledger,
  destinations,
  now,
}: {
  ledger: Pick<Ledger, "quarantineLeads" | "releaseLeads" | "findLead" | "erase" | "scrub">;
  destinations: readonly ErasingDestination[];
  /** Epoch milliseconds. */
  now(): number;
}) {
  return {
    /**
     * Holds leads back. With `undo` destinations that have them are told to remove them, as for an erasure; here they stay, and
     * a release delivers them again.
     */
    async quarantine(ids: readonly LeadId[], { undo }: { undo: boolean }, actor: Actor): Promise<Quarantined> {
      const { quarantined, followUps } = await ledger.quarantineLeads(ids, {
        now: now(),
        actor,
        reason: byPerson,
        followUps: (record) => (undo ? erasureFollowUps(record, destinations) : []),
      });
      const told: Quarantined = { quarantined, removing: [], byHand: [] };
      for (const id of followUps) {
        const { leadId: lead, destination } = parseDeliveryId(id) ?? { leadId: null, destination: "" };
        const record = lead && (await ledger.findLead(lead));
        const reason = record?.deliveries.find((delivery) => delivery.id === id)?.reason;
        if (lead && reason?.code === "by_hand") told.byHand.push({ lead, destination, message: reason.message });
        else told.removing.push(id);
      }
      return told;
    },
    /** Lets leads go on. Resolves to those it was done for. */
    release: (ids: readonly LeadId[], actor: Actor): Promise<LeadId[]> =>
      ledger.releaseLeads(ids, { now: now(), actor }),
    /**
     * Deletes leads in quarantine. Spam under a person's address is no wish of theirs to be forgotten, and it went nowhere; only
     * removals that have not arrived yet go on. Resolves to those it was done for.
     */
    async remove(ids: readonly LeadId[], actor: Actor): Promise<LeadId[]> {
      const records = await Promise.all(ids.map((id) => ledger.findLead(id)));
      const quarantined = records.flatMap((record) => (record?.lead.state === "quarantined" ? [record.lead.id] : []));
      const { erased } = await ledger.erase(quarantined, {
        tombstones: [],
        followUps: (record) => (isBeingRemoved(record) ? erasureFollowUps(record, destinations) : []),
        now: now(),
        actor,
      });
      await ledger.scrub();
      return erased;
    },
  };
}

function isBeingRemoved({ deliveries }: LeadRecord): boolean {
  return deliveries.some(
    ({ event, state }) => event === "lead.erased" && (state === "pending" || state === "claimed" || state === "dead"),
  );
}
