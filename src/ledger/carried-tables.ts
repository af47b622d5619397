/** A table as it goes from one store to another: what every store has of it, under the same names. */
export type CarriedTable = {
  name: string;
  /** Tells rows apart; also the order they are carried in. */
  key: readonly string[];
  /** The other columns. */
  rest: readonly string[];
  /** Where it is kept in several parts that are summed up: then all of it goes into one. */
  inParts?: boolean;
};

/** A value as SQLite has it. */
export type CarriedValue = string | number | null;
export type CarriedRow = Readonly<Record<string, CarriedValue>>;

const delivery = ["lead_id", "destination", "tag"];

/**
 * Everything on record. Not carried is what only makes one store fast (plans), and what machines note for each other. Leads come
 * before what hangs on them, and sums last, so that a copy that broke off shows no delivery of an unknown lead.
 */
export const carriedTables: readonly CarriedTable[] = [
  { name: "leads", key: ["id"], rest: ["form", "state", "received_at", "person", "key", "document"] },
  { name: "submission_keys", key: ["form", "key"], rest: ["lead_id"] },
  {
    name: "consents",
    key: ["lead_id", "n"],
    rest: words("purpose action text version at source control page_url locale recipients form_version"),
  },
  {
    name: "deliveries",
    key: delivery,
    rest: words(
      `kind purpose state retry due_at tries attempts first_try_at lease_until worker uncertain superseded person progress
       reason_code reason_message reason_status ref warnings`,
    ),
  },
  {
    name: "attempts",
    key: [...delivery, "n"],
    rest: words("started_at basis duration_ms outcome reason_code reason_message status"),
  },
  { name: "pauses", key: ["destination"], rest: words("since paused_by reason_code reason_message reason_status") },
  { name: "status_marks", key: ["destination", "lead_id"], rest: ["mark"] },
  { name: "last_delivered", key: ["destination", "person"], rest: ["at"] },
  { name: "acts", key: ["seq"], rest: words("at actor_type actor_name act subject") },
  { name: "tombstones", key: ["person"], rest: ["at"] },
  { name: "lead_work", key: ["lead_id"], rest: words("stage assignee note at") },
  { name: "captcha_checks", key: ["lead_id"], rest: words("captcha token tries due_at") },
  { name: "missing", key: ["lead_id", "destination"], rest: ["found_at", "run"] },
  {
    name: "verifications",
    key: ["id"],
    rest: words("destination since until repair state actor_type actor_name started_at ended_at reached counts"),
  },
  { name: "sealing", key: ["one"], rest: ["keys"] },
  { name: "keys_to_destroy", key: ["id"], rest: ["at"] },
  { name: "people", key: ["id"], rest: words("email name role password_hash created_at last_seen_at") },
  { name: "sessions", key: ["hash"], rest: words("person proof created_at expires_at") },
  { name: "sign_in_links", key: ["hash"], rest: ["expires_at"] },
  { name: "api_tokens", key: ["id"], rest: words("name scopes hash created_at created_by last_used_at") },
  { name: "lead_tallies", key: ["hour", "form", "source"], rest: ["count"], inParts: true },
  { name: "lead_hours", key: ["hour"], rest: ["first_id", "last_id"], inParts: true },
  { name: "lead_counts", key: ["form", "state"], rest: ["count", "last_at"], inParts: true },
  {
    name: "attempt_tallies",
    key: ["hour", "destination", "outcome", "wait"],
    rest: ["count", "duration_ms"],
    inParts: true,
  },
  { name: "delivered_counts", key: ["destination"], rest: ["count", "last_at"], inParts: true },
];

export function columnsOf({ key, rest }: CarriedTable): string[] {
  return [...key, ...rest];
}

export function keyOf({ key }: CarriedTable, row: CarriedRow): CarriedValue[] {
  return key.map((column) => row[column] ?? null);
}

function words(text: string): string[] {
  return text.trim().split(/\s+/);
}
