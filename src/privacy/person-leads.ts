import type { LeadRecord, Ledger } from "../ledger/ledger.ts";
import type { Lead } from "../model/lead.ts";

/** Who a person is to us: their address, or their number when they gave no address. */
export type Reach = Pick<Lead, "email" | "phone">;

/** Keyed hashes of an address or number: under the secret in use, then under older ones. */
export type PersonKeys = (contact: string) => string[];

/** The other leads of a lead's person. */
export async function othersOf(lead: Lead, ledger: Pick<Ledger, "listLeads">, personKeys: PersonKeys): Promise<Lead[]> {
  const records = await leadsOf(lead, ledger, personKeys);
  return records.map((record) => record.lead).filter(({ id }) => id !== lead.id);
}

/** Everything on record of the person who can be reached there, newest first; not what only mentions them. */
export async function leadsOf(
  { email, phone }: Reach,
  ledger: Pick<Ledger, "listLeads">,
  personKeys: PersonKeys,
): Promise<LeadRecord[]> {
  const contact = email ?? phone;
  const records: LeadRecord[] = [];
  if (contact === null) return records;
  for await (const record of ledger.listLeads({ person: personKeys(contact) })) {
    const { lead } = record;
    if (email !== null ? lead.email === email : lead.phone === phone) records.push(record);
  }
  return records;
}
