import * as z from "zod";
import type { Lead } from "../../model/lead.ts";
import type { Outcome } from "../../model/outcome.ts";
import { type Api, part } from "./api.ts";
import { failedLook } from "./errors.ts";

/** How far back a submission may be dated. */
const longestBackdateMs = 28 * 86_400_000;
const mostPages = 20;

const submissions = z.object({
  results: z.array(
    z.object({ submittedAt: z.number(), values: z.array(z.object({ name: z.string(), value: z.string() })) }),
  ),
  paging: z.object({ next: z.object({ after: z.string() }).optional() }).optional(),
});

/** A lead, as far as its submission is known by it. */
type Sender = Pick<Lead, "id" | "receivedAt">;

/** What is looked for: `begunAt` is when it was about to be submitted; `email` null: any address, when it is dated. */
type Sought = { formId: string; begunAt: number; email: string | null; now: number };

/**
 * When the lead came, to within two seconds, as its submission says: the milliseconds come from the lead's id, so that it can be
 * told from another one of that person and second. Null when that is too long ago for HubSpot to take it.
 */
export function submittedAt({ id, receivedAt }: Sender, now: number): number | null {
  if (now - receivedAt >= longestBackdateMs) return null;
  const own = Number.parseInt(id.slice(-8), 16) % 1_000;
  return Math.floor(receivedAt / 1_000 - 1) * 1_000 + (Number.isNaN(own) ? 0 : own);
}

/**
 * The address a lead was submitted to the form with; null when the form does not hold its submission. Newest first, per
 * https://developers.hubspot.com/docs/api-reference/legacy/marketing/forms/v1/get-form-integrations-v1-submissions-forms-form_guid
 * (read 2026-11). A token that may not look is an outcome of its own: submitting again could double it.
 */
export async function findSubmission(
  api: Api,
  lead: Sender,
  { formId, begunAt, email, now }: Sought,
): Promise<{ email: string | null } | Outcome> {
  const dated = submittedAt(lead, now);
  if (dated === null && email === null) return { email: null };
  const earliest = dated ?? begunAt - 60_000;
  let after = "";
  for (let page = 0; page < mostPages; page += 1) {
    const path = `/form-integrations/v1/submissions/forms/${part(formId)}?limit=50${after && `&after=${part(after)}`}`;
    const answer = await api.look("GET", path);
    const read = answer.ok ? submissions.safeParse(answer.body).data : undefined;
    if (!read) return failedLook(answer, now);
    for (const one of read.results) {
      if (dated === null ? one.submittedAt < earliest : one.submittedAt !== dated) continue;
      const sent = one.values.find(({ name }) => name === "email")?.value.toLowerCase();
      if (sent !== undefined && (email === null || sent === email)) return { email: sent };
    }
    after = read.paging?.next?.after ?? "";
    if (!after || read.results.every((one) => one.submittedAt < earliest)) return { email: null };
  }
  return {
    type: "retry",
    reason: { code: "not_found_yet", message: "the form holds too many newer submissions to look through" },
  };
}
