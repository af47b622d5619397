import * as z from "zod";
import type { Lead } from "../../model/lead.ts";
import type { Outcome } from "../../model/outcome.ts";
import { answered } from "../shared/outcome-of.ts";
import { type Answer, recordsPath } from "./api.ts";
import { isRefusal, propertyErrors, unreadable, verdict } from "./errors.ts";
import { findMarked } from "./find-marked.ts";
import { noteBody, wantsNote } from "./note-body.ts";
import { forgetProperties, type Values } from "./properties.ts";
import {
  type Draft,
  drop,
  droppable,
  keep,
  note,
  refusedForUnknown,
  type Step,
  type Work,
  wanted,
  without,
} from "./work.ts";

/** A record a lead has for itself. HubSpot knows no key for it, so the lead's id stands in one of its texts. */
export type OwnRecord = {
  step: "deal" | "note";
  objectType: "deals" | "notes";
  /** The text property that holds the lead's id. */
  marked: string;
  isWanted(draft: Draft): boolean;
  values(draft: Draft): Values;
  associations(draft: Draft): Association[];
};

type Association = { to: { id: string }; types: { associationCategory: string; associationTypeId: number }[] };

/** A deal for the lead, of its contact. */
export const deal: OwnRecord = {
  step: "deal",
  objectType: "deals",
  marked: "description",
  isWanted: ({ options }) => options.deal !== undefined,
  values(work) {
    const { always, ifEmpty, onCreate } = wanted(work, "deals");
    const values = { ...onCreate, ...ifEmpty, ...always };
    const description = [values.description, markOf(work.lead)].filter(Boolean).join("\n\n");
    return { ...values, description };
  },
  associations: ({ state }) => associatedWith({ id: state.contact, type: 3 }),
};

/** A note on the contact, and on the deal when there is one. */
export const noteRecord: OwnRecord = {
  step: "note",
  objectType: "notes",
  marked: "hs_note_body",
  isWanted: wantsNote,
  values: (work) => ({
    hs_timestamp: new Date(work.lead.receivedAt).toISOString(),
    hs_note_body: noteBody(work, markOf(work.lead)),
  }),
  associations: ({ state }) => associatedWith({ id: state.contact, type: 202 }, { id: state.deal?.id, type: 214 }),
};

const created = z.object({ id: z.string().min(1) });
const mostRepairs = 20;

/** Creates a lead's own record, once: when an earlier try may have done it, HubSpot is asked first. */
export function ownRecordStep(kind: OwnRecord): Step {
  return async (work) => {
    const begun = work.state[kind.step];
    if (begun?.id !== undefined || !kind.isWanted(work)) return null;
    if (begun) {
      const found = await findMarked(work, kind);
      if ("type" in found) return found;
      if (found.id !== null) return recordIs(work, kind, found.id);
    } else {
      await keep(work, { [kind.step]: {} });
    }
    const answer = await create(work, kind);
    if ("type" in answer) return answer;
    if (!answer.ok) return refused(kind, answer, work.context.now());
    const record = created.safeParse(answer.body).data;
    return record ? recordIs(work, kind, record.id) : unreadable(answer);
  };
}

/** What is sent to create it. */
export function recordBody(work: Draft, kind: OwnRecord): { properties: Values; associations: Association[] } {
  return { properties: kind.values(work), associations: kind.associations(work) };
}

/** Takes note of the record's id. */
export function recordIs(work: Work, kind: OwnRecord, id: string): null {
  note(work, { [kind.step]: { id } });
  return null;
}

async function create(work: Work, kind: OwnRecord): Promise<Answer | Outcome> {
  for (let repairs = 0; ; repairs += 1) {
    const body = recordBody(work, kind);
    const answer = await work.api.write("POST", recordsPath(kind.objectType), body);
    if (answer.status !== 400 || kind.objectType !== "deals" || repairs === mostRepairs) return answer;
    const names = droppable(
      propertyErrors(answer.body),
      without(body.properties, new Set([...essentialOfDeal, kind.marked])),
    );
    if (names.length === 0) return answer;
    forgetProperties(work.options);
    drop(work, "deals", names);
    const refusal = refusedForUnknown(work);
    if (refusal) return refusal;
  }
}

/** Without these there is no deal. */
export const essentialOfDeal: ReadonlySet<string> = new Set(["dealname", "pipeline", "dealstage"]);

function refused({ step }: OwnRecord, answer: Answer, now: number): Outcome {
  const named = [...new Set(propertyErrors(answer.body).map(({ name }) => name))];
  const wrong = named.filter((name) => essentialOfDeal.has(name));
  if (step === "deal" && wrong.length > 0) return wrongDealOutcome(wrong);
  if (!isRefusal(answer)) return verdict(answer, now);
  const about = named.length > 0 ? ` about ${named.join(", ")}` : "";
  return { type: "rejected", reason: answered(answer.status, "rejected", `: the ${step} was refused${about}`) };
}

/** A pipeline or stage HubSpot does not know is wrong for every lead. */
export function wrongDealOutcome(names: readonly string[]): Outcome {
  const message = `HubSpot does not know this ${names.join(" and ")}; correct the option "deal"`;
  return { type: "blocked", reason: { code: "wrong_deal", message } };
}

/** What every record of ours says, before the lead's id. */
export const ownMark = "Leadkeep lead_";

/** Says whose record it is, to people and to a later look. */
function markOf({ id }: Lead): string {
  return `Leadkeep ${id}`;
}

/** Type ids per https://developers.hubspot.com/docs/api-reference/latest/crm/associations/associate-records/guide (read 2026-11). */
function associatedWith(...records: { id: string | undefined; type: number }[]): Association[] {
  return records.flatMap(({ id, type: associationTypeId }) =>
    id === undefined ? [] : [{ to: { id }, types: [{ associationCategory: "HUBSPOT_DEFINED", associationTypeId }] }],
  );
}
