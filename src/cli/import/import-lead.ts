import { composeLead, deliveriesOf, type Receiver } from "../../intake/compose-lead.ts";
import { readContact } from "../../intake/contact.ts";
import { indexFields } from "../../intake/field-index.ts";
import type { KeyedHash } from "../../intake/keyed-hash.ts";
import { readAttribution } from "../../intake/read-attribution.ts";
import { toSubmission } from "../../intake/submission.ts";
import type { Entry } from "../../ledger/ledger.ts";
import type { Form } from "../../model/form.ts";
import { leadIdAt } from "../../model/id.ts";
import type { Json } from "../../model/json.ts";
import { type Basis, consentsOf } from "./basis.ts";
import type { DateOrder } from "./choices.ts";
import { type ColumnMap, mapped } from "./mapping.ts";
import type { Row } from "./rows.ts";
import { readTime } from "./times.ts";

/** How the rows of a file become leads. */
export type ImportRules = {
  form: Form;
  map: ColumnMap;
  basis: Basis;
  /** Destinations the leads go to at once. */
  receivers: readonly Receiver[];
  /** The column with the time a lead came in; null: that is not known, and the import's own is taken. */
  receivedColumn: string | null;
  /** The column with the lead's id in the other system, and the name of that; null: rows are known by what they hold. */
  id: { column: string; source: string } | null;
  dateOrder: DateOrder | undefined;
  hash: KeyedHash;
};

/** A row as the lead it becomes, or why it becomes none. `receivedAt`: null when the file does not say. */
export type Imported = { entry: Entry; receivedAt: number | null } | { problem: string };

/** Makes a lead of a row by intake's own rules, so that it looks like any other. It keeps its own time and brings its consent. */
export async function importLead(row: Row, rules: ImportRules, now: number): Promise<Imported> {
  const { form, basis, receivedColumn, id, dateOrder: order, hash } = rules;
  if (row.problem !== null) return { problem: row.problem };
  const cells = new Map<string, Json>(row.fields);
  const known = receivedColumn === null ? null : timeIn(cells.get(receivedColumn), order);
  if (receivedColumn !== null && known === null) return { problem: `${receivedColumn}: is no time, or could be two` };
  if (known !== null && (known > now || known < 0)) return { problem: `${receivedColumn}: is not in the past` };
  const ownId = id === null ? null : cells.get(id.column);
  if (ownId === undefined) return { problem: `${id?.column}: is empty` };
  const consents = consentsOf(basis, cells, { now, order });
  if ("problem" in consents) return consents;

  const submission = toSubmission(mapped(rules.map, row.fields));
  if (submission.type === "refused") return { problem: submission.detail };
  const index = indexFields(submission.formData);
  const contact = await readContact(index, form.country);
  const reach = contact.email ?? contact.phone;
  if (reach === null) return { problem: unreachable(contact.errors) };

  const key = JSON.stringify(id === null ? ["import", row.fields] : ["import", id.source, String(ownId)]);
  const { lead } = composeLead(
    {
      // What the file says of consent is read by the rules of the import, not by those of the form's boxes.
      form: { ...form, consents: [], otherPurposes: false },
      submission,
      index,
      contact,
      attribution: readAttribution(undefined, index, null),
      userAgent: null,
      ipAddress: null,
      person: hash.personKey(reach),
      verdict: { screening: null, quarantined: false, awaited: null },
      now,
    },
    [],
    null,
  );
  const receivedAt = known ?? now;
  const imported = { ...lead, id: leadIdAt(receivedAt), receivedAt, consents: consents.consents };
  const deliveries = deliveriesOf(imported, rules.receivers);
  return { entry: { lead: imported, deliveries, key: hash.submissionKey(key) }, receivedAt: known };
}

function timeIn(value: Json | undefined, order: DateOrder | undefined): number | null {
  return typeof value === "string" || typeof value === "number" ? readTime(String(value), order) : null;
}

/** Names the fields there were, never what they hold. */
function unreachable(errors: readonly { field: string }[]): string {
  const fields = [...new Set(errors.map(({ field }) => field))];
  return `no usable e-mail address or phone number (${fields.join(", ")})`;
}
