import type { CrmRecord } from "./pipedrive-crm.ts";
import { type Call, failure, type Reply, type Route, success } from "./pipedrive-route.ts";

const uuid = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}";

/** Reading and deleting one record: https://developers.pipedrive.com/docs/api/v1 (read 2026-11). */
export const deletions: Route[] = [
  { method: "DELETE", path: /^v2\/persons\/(\d+)$/, cost: 3, answer: deletePerson },
  { method: "GET", path: new RegExp(`^v1/leads/(${uuid})$`), cost: 2, answer: readLead },
  { method: "DELETE", path: new RegExp(`^v1/leads/(${uuid})$`), cost: 6, answer: deleteLead },
  { method: "GET", path: /^v2\/deals\/(\d+)$/, cost: 1, answer: readDeal },
  { method: "DELETE", path: /^v2\/deals\/(\d+)$/, cost: 3, answer: deleteDeal },
  { method: "DELETE", path: /^v1\/notes\/(\d+)$/, cost: 6, answer: deleteNote },
];

/** Only marked as deleted, for 30 days; neither lists nor searches show it. */
function deletePerson(call: Call): Reply {
  const { crm, settings } = call;
  const person = named(crm.persons, call);
  return deletion(call, person, () => {
    Object.assign(person ?? {}, { is_deleted: true });
    for (const deal of crm.deals) if (deal.person_id === person?.id) deal.person_id = null;
    for (const lead of crm.leads.filter(({ person_id }) => person_id === person?.id)) {
      if (settings.leadsOfDeleted === "unlinked") lead.person_id = null;
      if (settings.leadsOfDeleted === "deleted") takeOut(crm.leads, lead);
    }
  });
}

function readLead(call: Call): Reply {
  const lead = named(call.crm.leads, call);
  return lead ? success(lead) : failure(404, "requested lead not found", { error_info: "Object was not found." });
}

function deleteLead(call: Call): Reply {
  const { crm } = call;
  const lead = named(crm.leads, call);
  return deletion(call, lead, () => {
    takeOut(crm.leads, lead);
    for (const note of crm.notes.filter(({ lead_id }) => lead_id === lead?.id)) takeOut(crm.notes, note);
  });
}

function readDeal(call: Call): Reply {
  const deal = named(call.crm.deals, call);
  return deal && (!deal.is_deleted || call.settings.showsDeleted)
    ? success(deal)
    : failure(404, "Object was not found.");
}

function deleteDeal(call: Call): Reply {
  const deal = named(call.crm.deals, call);
  return deletion(call, deal, () => void Object.assign(deal ?? {}, { is_deleted: true }));
}

/** Answers a bare `true`. */
function deleteNote(call: Call): Reply {
  const { notes } = call.crm;
  const note = named(notes, call);
  const reply = deletion(call, note, () => takeOut(notes, note));
  return reply.status === 200 ? { ...reply, body: { success: true, data: true } } : reply;
}

function deletion({ settings, id }: Call, record: CrmRecord | undefined, apply: () => void): Reply {
  if (!settings.mayDelete) return failure(403, "You do not have permissions to do this");
  if (!record || record.is_deleted) {
    const { deletedTwice } = settings;
    return deletedTwice === 200 ? success({ id }) : failure(deletedTwice, "Object was not found.");
  }
  apply();
  return { ...success({ id: record.id }), applied: true, recordIds: [] };
}

function named(records: readonly CrmRecord[], { id }: Call): CrmRecord | undefined {
  return records.find((record) => String(record.id) === id);
}

function takeOut(records: CrmRecord[], record: CrmRecord | undefined): void {
  const at = record ? records.indexOf(record) : -1;
  if (at >= 0) records.splice(at, 1);
}
