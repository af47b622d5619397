import type { DeliveryState } from "../model/delivery.ts";
import type { DeliveryId, LeadId } from "../model/id.ts";
import type { Lead, LeadState } from "../model/lead.ts";
import type { VerdictTally } from "../model/verdict.ts";
import type { Actor } from "./ledger.ts";

export type VerificationId = `vrf_${string}`;

/**
 * One look at how leads stand at their destinations. Times are epoch milliseconds. `reading` and `repairing` are unfinished: under
 * way, or broken off and to be gone on with. `stopped`: given up, its figures are of a part only.
 */
export type Verification = {
  id: VerificationId;
  /** Null: all. */
  destination: string | null;
  /** Leads received from here on; null: from the first. */
  since: number | null;
  /** Leads received before this. */
  until: number;
  /** Whether what is missing is sent again. */
  repair: boolean;
  state: "reading" | "repairing" | "complete" | "stopped";
  by: Actor;
  startedAt: number;
  endedAt: number | null;
  /** Leads up to this one are judged. */
  reached: LeadId | null;
  counts: VerificationCounts;
};

/** What a verification has come to so far. */
export type VerificationCounts = {
  /** About how many leads there were to be judged when it began. */
  expected: number;
  /** Leads judged: of one destination, those that were meant for it. */
  leads: number;
  /** Those of them for which nothing is left to see to. */
  accounted: number;
  /** Deliveries sent again. */
  repaired: number;
  tallies: VerdictTally[];
};

/** Leads a verification is about, by when they were received. `since` inclusive, `until` exclusive. */
export type Received = { since: number | null; until: number };

/** One lead as it stands at one destination. */
export type Standing = {
  leadId: LeadId;
  leadState: LeadState;
  receivedAt: number;
  /** Null: never meant for it. */
  delivery: {
    id: DeliveryId;
    state: DeliveryState;
    /** The reason's code; null when nothing went wrong. */
    code: string | null;
    ref: string | null;
    attempts: number;
    /** When it arrived; null unless delivered, or when the attempts are not kept any more. */
    deliveredAt: number | null;
    /** True when it was not seen there the last time. */
    missing: boolean;
  } | null;
  /** The lead, read from its document when it is asked for. Only for delivered ones, and only where they were asked for. */
  lead(): Lead;
};

/** A delivery that was not seen at its destination. `foundAt`: the first time. */
export type Missing = {
  deliveryId: DeliveryId;
  leadId: LeadId;
  destination: string;
  foundAt: number;
  run: VerificationId;
};

/** What was found at a destination. */
export type Found = {
  run: VerificationId;
  destination: string;
  at: number;
  /** Not there. `attempts`: how many there were when it was looked for, so that what was sent again meanwhile is not counted. */
  missing: readonly { leadId: LeadId; attempts: number }[];
  /** There again, or after all. */
  seen: readonly LeadId[];
};

/** What the record knows of whether delivered leads are still at their destinations. Part of the ledger; its promises hold here too. */
export interface Verifications {
  /** The next leads in the order of their ids, at most `size`: where they end, and how many were received in that time. Null at the end. */
  nextRange(
    after: LeadId | null,
    request: Received & { size: number },
  ): Promise<{ upTo: LeadId; leads: number } | null>;

  /** How leads of such a range stand at a destination, in the order of their ids, at most `limit`. */
  standings(
    destination: string,
    request: Received & { after: LeadId | null; upTo: LeadId; limit: number; withLeads: boolean },
  ): Promise<Standing[]>;

  /** How these leads stand there now. Those no longer on record are left out. */
  standingsOf(destination: string, leads: readonly LeadId[]): Promise<Standing[]>;

  /** Notes what was found. Resolves to those that are noted as missing: still delivered, by the same attempt, of an active lead. */
  note(found: Found): Promise<LeadId[]>;

  /** What is missing, in the order of lead and destination. `after`: the last one of the page before. */
  missing(request: {
    limit: number;
    run?: VerificationId;
    destination?: string;
    after?: Pick<Missing, "leadId" | "destination">;
  }): Promise<Missing[]>;

  /** How many are missing by destination, and since when the first was. */
  missingCounts(): Promise<{ destination: string; count: number; since: number }[]>;

  /** Puts a verification on record, or what has become of it. Of those that are over only the newest are kept. */
  save(verification: Verification): Promise<void>;
  find(id: VerificationId): Promise<Verification | null>;
  /** Newest first. */
  latest(limit: number): Promise<Verification[]>;
}
