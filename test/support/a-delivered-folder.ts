import { join } from "node:path";
import { openSqliteLedger } from "../../src/ledger/sqlite/sqlite-ledger.ts";
import type { LeadId } from "../../src/model/id.ts";
import { arrived, claimFrom } from "../conformance/ledger/steps.ts";
import { aConsent, aDelivery, aLead } from "./a-lead.ts";
import { aFolder } from "./sqlite-file.ts";

const hourMs = 3_600_000;

/** A folder with a ledger whose leads were all delivered to `crm` an hour ago, as `record-1`, `record-2` … */
export async function aDeliveredFolder(count: number): Promise<{ folder: string; leads: LeadId[] }> {
  const folder = aFolder();
  const ledger = openSqliteLedger({ path: join(folder, "ledger.db") });
  const now = Date.now() - hourMs;
  const leads = Array.from({ length: count }, () => aLead({ receivedAt: now, consents: [aConsent()] }));
  await Promise.all(leads.map((lead) => ledger.accept({ lead, deliveries: [aDelivery()], key: null })));
  const settled = (await claimFrom(ledger, { now })).map((claim, i) =>
    ledger.settle({ ...arrived(claim), next: { state: "delivered", ref: `record-${i + 1}`, warnings: [] } }),
  );
  await Promise.all(settled);
  await ledger.close();
  return { folder, leads: leads.map(({ id }) => id) };
}
