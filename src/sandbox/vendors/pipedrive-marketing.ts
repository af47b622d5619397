import type { Contact, CrmRecord } from "./pipedrive-crm.ts";
import type { Call } from "./pipedrive-route.ts";
import type { PipedriveSettings } from "./pipedrive-settings.ts";

/** The marketing status of a new person: what was asked for, with Campaigns and a valid address. */
export function marketingOfNew(
  { campaigns }: PipedriveSettings,
  { marketing_status }: Record<string, unknown>,
  emails: readonly Contact[],
): unknown {
  return campaigns && hasAddress(emails) ? (marketing_status ?? "no_consent") : "no_consent";
}

/** Changes the marketing status where that is allowed: with Campaigns, a valid address, and once. Else nothing happens. */
export function changeMarketing(person: CrmRecord, wanted: unknown, settings: PipedriveSettings): void {
  const { marketing_status: before, marketing_changed, emails } = person;
  if (!settings.campaigns || wanted === undefined || wanted === before || !hasAddress(emails)) return;
  const isAllowed = settings.marketingChanges === "once" ? !marketing_changed : before === "no_consent";
  if (isAllowed) Object.assign(person, { marketing_status: wanted, marketing_changed: true });
}

/** Writes answer it; reads only when it is asked for. */
export function isMarketingShown({ method, query, settings }: Call): boolean {
  const isAsked = method !== "GET" || (query.get("include_fields")?.split(",").includes("marketing_status") ?? false);
  return settings.campaigns && isAsked;
}

function hasAddress(emails: unknown): boolean {
  return (emails as Contact[]).some(({ value }) => /^[^@\s]+@[^@\s]+\.[^@\s]+$/.test(value));
}
