import * as z from "zod";
import type { Outcome } from "../../model/outcome.ts";
import { recordsPath } from "./api.ts";
import { failedLook } from "./errors.ts";
import { keep, type Work } from "./work.ts";

/** A contact found by searching, or certainly none. */
export type SearchTarget = { id: string } | { nobody: true };

const searchResult = z.object({ results: z.array(z.object({ id: z.string().min(1) })) });

/** Search trails behind what was written, per https://developers.hubspot.com/docs/api-reference/latest/crm/search-the-crm (read 2026-11). */
export const searchLagMs = 30_000;
const rememberedMs = 600_000;
const mostRemembered = 1_000;

/**
 * The contact of a person without an e-mail, in an account without our unique phone property (before `leadkeep setup`), or
 * from before it was made. Searching cannot tell "none" from "not yet", so without a unique key a lead whose contact may just
 * have been created waits until it can.
 */
export async function searchPhoneContact(work: Work, key: object | null = null): Promise<SearchTarget | Outcome> {
  const remembered = phoneContactOf(work).id();
  if (remembered !== null) return { id: remembered };
  const { lead, properties, state, context } = work;
  const byPhone = [
    { propertyName: "phone", operator: "EQ", value: lead.phone ?? "" },
    { propertyName: "email", operator: "NOT_HAS_PROPERTY" },
  ];
  const byLead = [{ propertyName: "lead_submission_id", operator: "EQ", value: lead.id }];
  const groups = properties.contacts?.has("lead_submission_id") ? [byLead, byPhone] : [byPhone];
  const query = { filterGroups: groups.map((filters) => ({ filters })), properties: ["phone"], limit: 100 };
  const answer = await work.api.look("POST", recordsPath("contacts", "/search"), query);
  const found = answer.ok ? searchResult.safeParse(answer.body).data : undefined;
  if (!found) return failedLook(answer, context.now());
  const [oldest] = found.results.map(({ id }) => id).sort((a, b) => a.length - b.length || a.localeCompare(b));
  if (oldest !== undefined) return { id: oldest };
  if (key !== null) return { nobody: true };
  const since = context.now() - (state.creating ?? Number.NEGATIVE_INFINITY);
  if (since < searchLagMs) {
    const message = "the contact may be there already, and HubSpot's search does not show it yet";
    return { type: "retry", reason: { code: "not_shown_yet", message }, waitMs: searchLagMs - since };
  }
  await keep(work, { creating: context.now() });
  return { nobody: true };
}

const remembered = new WeakMap<object, Map<string, { id: string; until: number }>>();

/** What this process remembers of contacts without an e-mail while search may not show them. */
export function phoneContactOf({ options, lead, context }: Work) {
  const phone = lead.phone ?? "";
  const contacts = remembered.get(options) ?? new Map<string, { id: string; until: number }>();
  remembered.set(options, contacts);
  return {
    id(): string | null {
      const held = contacts.get(phone);
      return held && held.until > context.now() ? held.id : null;
    },
    remember(id: string): void {
      contacts.delete(phone);
      contacts.set(phone, { id, until: context.now() + rememberedMs });
      const [oldest] = contacts.keys();
      if (contacts.size > mostRemembered && oldest !== undefined) contacts.delete(oldest);
    },
    forget(): void {
      contacts.delete(phone);
    },
  };
}
