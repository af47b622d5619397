import type { LeadRecord } from "../ledger/ledger.ts";
import { csvLine } from "../model/csv.ts";
import { flatPayload } from "../model/payload.ts";

type Cells = Record<string, string | boolean | number | null | undefined>;

/** One line a lead, with every field it came with. */
export function leadsCsv(records: readonly LeadRecord[]): string {
  return csv(records.map(({ lead }) => ({ ...flatPayload(lead), state: lead.state })));
}

/** One line a consent event, with the wording shown. */
export function consentsCsv(records: readonly LeadRecord[]): string {
  return csv(
    records.flatMap(({ lead }) =>
      lead.consents.map((event) => ({
        lead_id: lead.id,
        at: iso(event.at),
        purpose: event.purpose,
        action: event.action,
        text: event.text,
        version: event.version,
        locale: event.locale,
        recipients: event.recipients?.join("; "),
        source: event.source,
        control: event.control,
        page_url: event.pageUrl,
        form_version: event.formVersion,
      })),
    ),
    ["lead_id", "at", "purpose", "action", "text"],
  );
}

/** One line an attempt to bring a lead somewhere, and one for a delivery that was never attempted. */
export function deliveriesCsv(records: readonly LeadRecord[]): string {
  const lines = records.flatMap(({ deliveries }) =>
    deliveries.flatMap((delivery) => {
      const { id, leadId, destination, kind, event, purpose, state, ref, reason } = delivery;
      const own = { lead_id: leadId, delivery_id: id, destination, kind, event, purpose, state, id_there: ref };
      if (delivery.history.length === 0) return [{ ...own, reason: reason?.message }];
      return delivery.history.map((attempt) => ({
        ...own,
        reason: attempt.reason?.message ?? reason?.message,
        attempt: attempt.n,
        started_at: iso(attempt.startedAt),
        outcome: attempt.outcome,
        lawful_basis: attempt.basis,
      }));
    }),
  );
  return csv(lines, [
    "lead_id",
    "delivery_id",
    "destination",
    "kind",
    "event",
    "purpose",
    "state",
    "id_there",
    "reason",
  ]);
}

/** The columns are those any line has, `first` before the others; with the mark by which spreadsheets know UTF-8. */
function csv(lines: readonly Cells[], first: readonly string[] = []): string {
  const columns = [...new Set([...first, ...lines.flatMap((line) => Object.keys(line))])];
  const cells = lines.map((line) => csvLine(columns.map((column) => String(line[column] ?? ""))));
  return `\ufeff${csvLine(columns)}${cells.join("")}`;
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
