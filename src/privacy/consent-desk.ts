import type { Actor, ConsentConsequences, ConsentRecorded, FollowUp, LeadRecord, Ledger } from "../ledger/ledger.ts";
import { type ConsentEvent, gate, latestConsent, type Purpose, standingConsents } from "../model/consent.ts";
import type { Destination } from "../model/destination.ts";
import { LeadkeepError } from "../model/errors.ts";
import { confirmationMail } from "../model/form.ts";
import type { LeadId } from "../model/id.ts";
import type { Lead } from "../model/lead.ts";
import { createTurns } from "../model/turns.ts";
import { type Grant, grantAgain, grantBefore, grantEvent, requestUpTo, withdrawalEvent } from "./consent-events.ts";
import { consentFollowUps } from "./consent-follow-ups.ts";
import { leadsOf, othersOf, type PersonKeys, type Reach } from "./person-leads.ts";

export type ConsentDeskOptions = {
  ledger: Pick<Ledger, "recordConsent" | "addFollowUp" | "findLead" | "listLeads">;
  destinations: readonly Destination[];
  personKeys: PersonKeys;
  /** Epoch milliseconds. */
  now(): number;
};

/**
 * What came of it: `leads` are those an event was put on record for. `byHand`: what a person has to do at a destination that
 * cannot be told.
 */
export type ConsentChange = ConsentRecorded & {
  leads: LeadId[];
  byHand: { lead: LeadId; destination: string; message: string }[];
};

/** `limit`: there were as many mails as a lead gets. `nothing_waits`: there is nothing to confirm. */
export type Resent = "sent" | "limit" | "nothing_waits";

/** Confirmation mails a lead gets beside the first. */
const mostResent = 2;

/**
 * Puts on record what people decide about their data outside the form, and sets the consequences going.
 *
 * Every method throws {LeadkeepError} `unknown_lead` for a lead that is not there, and `erased` for one without its person.
 */
export type ConsentDesk = {
  /** Everything on record of the person who can be reached there. */
  leadsOf(reach: Reach): Promise<LeadRecord[]>;
  /** The other leads of a lead's person. */
  othersOf(lead: Lead): Promise<Lead[]>;
  /** Gives consent, for this lead only; destinations that hold it are told where they can be. */
  grant(lead: LeadId, given: Grant, actor: Actor): Promise<ConsentChange>;
  /**
   * Withdraws consent for a purpose, or objects to it: for this lead, and for every other of the same person that rests on it.
   * Where it was withdrawn already nothing is recorded. `at`: epoch milliseconds. @default now
   */
  withdraw(
    lead: LeadId,
    what: Pick<ConsentEvent, "purpose" | "source"> & { at?: number },
    actor: Actor,
  ): Promise<ConsentChange>;
  /** Confirms what the lead requested up to the moment `at`, and what others of the same person request in the same words. */
  confirm(lead: LeadId, what: { purpose: Purpose; at: number }, actor: Actor): Promise<ConsentChange>;
  /** Gives back what was withdrawn at the moment `at`, on every lead of the person where it had been granted before. */
  restore(lead: LeadId, what: { purpose: Purpose; at: number }, actor: Actor): Promise<ConsentChange>;
  /** Has one more confirmation mail sent. @throws {LeadkeepError} also `no_confirmation_mail` */
  resend(lead: LeadId): Promise<Resent>;
};

export function createConsentDesk({ ledger, destinations, personKeys, now }: ConsentDeskOptions): ConsentDesk {
  /** A second click has to see what the first has done. */
  const inTurn = createTurns<LeadId>();

  async function find(id: LeadId): Promise<Lead> {
    const record = await ledger.findLead(id);
    if (!record) throw new LeadkeepError("unknown_lead", `There is no lead ${id}.`);
    return record.lead;
  }

  /** The lead and all others of its person. */
  async function withOthers(lead: Lead): Promise<Lead[]> {
    return [lead, ...(await othersOf(lead, ledger, personKeys))];
  }

  /** Consequences are for the ledger to draw, in the transaction of the event. */
  async function record(entries: readonly Appended[], actor: Actor): Promise<ConsentChange> {
    const change: ConsentChange = { leads: [], released: [], stopped: [], followUps: [], byHand: [] };
    for (const { lead, event } of entries) {
      let followUps: FollowUp[] = [];
      const consequences: ConsentConsequences = {
        spare: sparedBy(event),
        followUps: (held: LeadRecord) => {
          followUps = consentFollowUps(held, event, destinations);
          return followUps;
        },
      };
      const recorded = await ledger.recordConsent(lead.id, event, actor, consequences);
      change.leads.push(lead.id);
      change.released.push(...recorded.released);
      change.stopped.push(...recorded.stopped);
      change.followUps.push(...recorded.followUps);
      for (const { destination, reason } of followUps)
        if (reason) change.byHand.push({ lead: lead.id, destination, message: reason.message });
    }
    return change;
  }

  /** Destinations of the purpose that go on all the same, such as one that then gets leads without the person. */
  function sparedBy(withdrawal: ConsentEvent): string[] {
    const { purpose } = withdrawal;
    const serving = destinations.filter(({ need }) => need.purpose === purpose);
    return serving.filter(({ need }) => gate(need, [withdrawal]).type === "open").map(({ id }) => id);
  }

  return {
    leadsOf: (reach) => leadsOf(reach, ledger, personKeys),
    othersOf: (lead) => othersOf(lead, ledger, personKeys),

    grant: async (id, given, actor) => record([{ lead: await find(id), event: grantEvent(given, now()) }], actor),

    withdraw: (id, { purpose, source, at = now() }, actor) =>
      inTurn(id, async () => {
        // Where data are used on another basis than consent, a withdrawal is an objection to that, also from who was never asked.
        const otherBasis = destinations.some(({ need }) => need.purpose === purpose && need.basis !== "consent");
        const event = withdrawalEvent({ purpose, source }, at);
        const entries = (await withOthers(await find(id))).flatMap((lead) => {
          const action = latestConsent(lead.consents, purpose)?.action;
          const concerned = lead.id === id || action === "granted" || action === "requested" || otherBasis;
          return concerned && action !== "withdrawn" ? [{ lead, event }] : [];
        });
        return record(entries, actor);
      }),

    confirm: (id, { purpose, at }, actor) =>
      inTurn(id, async () => {
        const lead = await find(id);
        const asked = requestUpTo(lead.consents, purpose, at);
        if (!asked) return record([], actor);
        const moment = now();
        const entries = (await withOthers(lead)).flatMap((one) => {
          const request = requestUpTo(one.consents, purpose, moment);
          const sameWords = request?.text === asked.text && request?.version === asked.version;
          return request && sameWords ? [{ lead: one, event: grantAgain(request, "confirmation", moment) }] : [];
        });
        return record(entries, actor);
      }),

    restore: (id, { purpose, at }, actor) =>
      inTurn(id, async () => {
        const moment = now();
        const entries = (await withOthers(await find(id))).flatMap((lead) => {
          const grant = grantBefore(lead.consents, purpose, at);
          return grant ? [{ lead, event: grantAgain(grant, "link", moment) }] : [];
        });
        return record(entries, actor);
      }),

    async resend(id) {
      const { consents } = await find(id);
      if (standingConsents(consents).every(({ action }) => action !== "requested")) return "nothing_waits";
      const mail = destinations.find((destination) => destination.id === confirmationMail);
      if (!mail) throw new LeadkeepError("no_confirmation_mail", "No confirmation mail is configured.");
      const { id: destination, kind, need } = mail;
      const followUp: FollowUp = {
        event: "confirmation.requested",
        destination,
        kind,
        purpose: need.purpose,
        reason: null,
      };
      const added = await ledger.addFollowUp(id, followUp, { now: now(), most: mostResent });
      return added ? "sent" : "limit";
    },
  };
}

type Appended = { lead: Lead; event: ConsentEvent };
