import * as z from "zod";
import type { DeliveryState } from "../model/delivery.ts";
import { deliveryIdOf, type LeadId } from "../model/id.ts";
import type { LeadState } from "../model/lead.ts";
import { verdicts } from "../model/verdict.ts";
import type { Actor } from "./ledger.ts";
import type { ConsentRow } from "./rows.ts";
import type { Documents } from "./sealing/documents.ts";
import type { Missing, Standing, Verification, VerificationId } from "./verifications.ts";

/** Of verifications that are over, so many are kept. */
export const mostKept = 200;

/** The rows of verifications, the same in every store, and the one place where they become the model's words. */

const whole = z.number().int();
const counts = z.object({
  expected: whole,
  leads: whole,
  accounted: whole,
  repaired: whole,
  tallies: z.array(
    z.object({ destination: z.string(), verdict: z.enum(verdicts), code: z.string().nullable(), count: whole }),
  ),
});

export type VerificationRow = {
  id: VerificationId;
  destination: string | null;
  since: number | null;
  until: number;
  repair: number;
  state: Verification["state"];
  actor_type: Actor["type"];
  actor_name: string;
  started_at: number;
  ended_at: number | null;
  reached: LeadId | null;
  counts: string;
};

export const verificationColumns = [
  "id",
  "destination",
  "since",
  "until",
  "repair",
  "state",
  "actor_type",
  "actor_name",
  "started_at",
  "ended_at",
  "reached",
  "counts",
] as const satisfies readonly (keyof VerificationRow)[];

export function verificationOf({ actor_type: type, actor_name: name, ...row }: VerificationRow): Verification {
  const { id, destination, since, until, repair, state, started_at: startedAt, ended_at: endedAt, reached } = row;
  const run = { id, destination, since, until, repair: repair === 1, state, by: { type, name } };
  return { ...run, startedAt, endedAt, reached, counts: counts.parse(JSON.parse(row.counts)) };
}

/** In the order of `verificationColumns`. */
export function valuesOf(run: Verification): (string | number | null)[] {
  const { id, destination, since, until, repair, state, by, startedAt, endedAt, reached } = run;
  const written = JSON.stringify(run.counts);
  return [id, destination, since, until, repair ? 1 : 0, state, by.type, by.name, startedAt, endedAt, reached, written];
}

export type StandingRow = {
  id: LeadId;
  form: string;
  lead_state: LeadState;
  received_at: number;
  person: string | null;
  /** Null unless asked for. */
  document: string | null;
  /** Null when there is no row; then it is pending when it is planned, and else was never meant for the destination. */
  state: DeliveryState | null;
  planned: boolean | number;
  reason_code: string | null;
  ref: string | null;
  attempts: number | null;
  delivered_at: number | null;
  missing: boolean | number;
};

/** `later`: the consents given after the form. */
export function standingOf(
  destination: string,
  row: StandingRow,
  later: () => readonly ConsentRow[],
  documents: Documents,
): Standing {
  const { id, form, lead_state: leadState, received_at: receivedAt, person, document } = row;
  const state = row.state ?? (row.planned ? "pending" : null);
  const { reason_code: code, ref, delivered_at: deliveredAt } = row;
  const found = { code, ref, attempts: row.attempts ?? 0, deliveredAt, missing: Boolean(row.missing) };
  return {
    leadId: id,
    leadState,
    receivedAt,
    delivery: state === null ? null : { id: deliveryIdOf(id, destination), state, ...found },
    lead() {
      if (document === null) throw new RangeError(`the lead ${id} was not asked for`);
      return documents.read(
        { id, form, state: leadState, received_at: receivedAt, person, key: null, document },
        later(),
      );
    },
  };
}

export type MissingRow = { lead_id: LeadId; destination: string; found_at: number; run: VerificationId };

export function missingOf({ lead_id: leadId, destination, found_at: foundAt, run }: MissingRow): Missing {
  return { deliveryId: deliveryIdOf(leadId, destination), leadId, destination, foundAt, run };
}
