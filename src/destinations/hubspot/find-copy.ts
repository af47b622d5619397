import * as z from "zod";
import type { DeliveryContext, RemoteCopy } from "../../model/destination.ts";
import type { Outcome } from "../../model/outcome.ts";
import { type Api, part, recordsPath } from "./api.ts";
import { failedLook } from "./errors.ts";
import { findSubmission } from "./find-submission.ts";
import type { Options } from "./options.ts";
import { searchLagMs } from "./phone-contact.ts";
import { searchMarked } from "./search-marked.ts";
import type { State } from "./work.ts";

/** An erased lead whose traces are followed. `state`: how far its delivery had come; null when that is not known. */
export type Trace = { copy: RemoteCopy; options: Options; context: DeliveryContext; api: Api; state: State | null };

/** A contact by its id. `isThere`: false when HubSpot does not show it any more. */
export type Contact = { id: string; isThere: boolean };

const record = z.object({ id: z.string().min(1) });
const looking = z.object({ since: z.number() });

/**
 * The contact a lead went into: known from its delivery, else found by the address its form submission holds, else by the lead's
 * id in `lead_submission_id`. Null when there is none, which with searching is certain only after a while.
 */
export async function contactOfCopy(trace: Trace): Promise<Contact | null | Outcome> {
  const { copy, state } = trace;
  const known = copy.ref || state?.contact;
  if (known) return lookAt(trace, `/${part(known)}`, { id: known, isThere: false });
  const email = await submittedEmail(trace);
  if (email !== null && typeof email !== "string") return email;
  const submitted = email === null ? null : await lookAt(trace, `/${part(email)}?idProperty=email`, null);
  return submitted ?? searchContact(trace);
}

/** False when the lead was never sent there. */
export function mayBeThere({ ref, progress, uncertain }: RemoteCopy): boolean {
  return Boolean(ref) || progress !== null || uncertain;
}

/** `gone`: what to answer when HubSpot does not show it. A merged contact is shown under another id than the one asked for. */
async function lookAt<Gone>({ api, context }: Trace, place: string, gone: Gone): Promise<Contact | Gone | Outcome> {
  const answer = await api.look("GET", recordsPath("contacts", place));
  if (answer.status === 404) return gone;
  const shown = answer.ok ? record.safeParse(answer.body).data : undefined;
  return shown ? { id: shown.id, isThere: true } : failedLook(answer, context.now());
}

/** The lead itself does not hold its address any more; HubSpot's form does. */
async function submittedEmail({ api, copy, options, context, state }: Trace): Promise<string | null | Outcome> {
  if (!state?.form || !options.form) return null;
  const sought = { formId: options.form.formId, begunAt: state.form.at, email: null, now: context.now() };
  const found = await findSubmission(api, { id: copy.leadId, receivedAt: copy.receivedAt }, sought);
  return "type" in found ? found : found.email;
}

async function searchContact({ api, copy, context }: Trace): Promise<Contact | null | Outcome> {
  const sought = {
    objectType: "contacts",
    property: "lead_submission_id",
    operator: "EQ",
    leadId: copy.leadId,
  } as const;
  const now = context.now();
  const found = await searchMarked(api, sought, now);
  if (found === "unsearchable") {
    const message = `it is not known whether the lead arrived, and without the property lead_submission_id HubSpot cannot be asked: look for the person there`;
    return { type: "rejected", reason: { code: "by_hand", message } };
  }
  if (!Array.isArray(found)) return found;
  const [id] = found;
  if (id !== undefined) return { id, isThere: true };
  const since = looking.safeParse(context.progress).data?.since;
  if (since === undefined) await context.save({ since: now });
  const waitMs = searchLagMs - (now - (since ?? now));
  if (waitMs <= 0) return null;
  const message = "HubSpot's search does not show the contact, and may not do so yet";
  return { type: "retry", reason: { code: "not_shown_yet", message }, waitMs };
}
