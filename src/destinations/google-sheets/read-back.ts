import type { Delivered, Presence } from "../../model/destination.ts";
import type { DeliveryId, LeadId } from "../../model/id.ts";
import { orUnknown, seenAs, unknownFor } from "../shared/presence.ts";
import type { Answer } from "./api.ts";
import { successorOf } from "./find-ids.ts";
import { locateIds } from "./locate-rows.ts";
import type { Sheet } from "./sheet.ts";
import type { Trouble } from "./trouble.ts";

/**
 * Looks which delivered leads have a row: the id columns of all tabs, in three requests for any number of leads. A row that a person
 * has moved to a tab of their own is there, and so is a copy of it; the list of dead letters names leads too, and is no row of theirs.
 */
export async function readBackFromSheet(
  sheet: Sheet,
  deliveries: readonly Delivered[],
): Promise<ReadonlyMap<DeliveryId, Presence>> {
  const rows = await orUnknown(() => rowsOf(sheet, deliveries));
  return new Map(
    deliveries.map(({ deliveryId, leadId, ref }): [DeliveryId, Presence] => {
      if ("type" in rows) return [deliveryId, rows];
      if (!rows.ok) return [deliveryId, unknownFor(rows.trouble)];
      const title = rows.value.get(leadId);
      return [deliveryId, title === undefined ? { type: "missing" } : seenAs(title, ref)];
    }),
  );
}

/** The tab each lead has a row in; that of its receipt when there are several. */
async function rowsOf(sheet: Sheet, deliveries: readonly Delivered[]): Promise<Answer<Map<LeadId, string>>> {
  const refs = new Map(deliveries.map(({ leadId, ref }) => [leadId, ref]));
  const located = await locateIds(sheet, new Set(refs.keys()));
  if (!located.ok) return located;
  const { places, withoutIds } = located.value;
  const { options } = sheet;
  if (withoutIds.some((title) => title === options.tab || title === successorOf(options)))
    return { ok: false, trouble: noIds };
  const rows = new Map<LeadId, string>();
  for (const { leadId, tab } of places) {
    if (tab.title === options.failedTab) continue;
    if (!rows.has(leadId) || tab.title === refs.get(leadId)) rows.set(leadId, tab.title);
  }
  return { ok: true, value: rows };
}

/** Every row would be called missing, and be written a second time. */
const noIds: Trouble = {
  type: "retry",
  reason: {
    code: "no_ids",
    message: "the tab has no column of lead ids any more, so that its rows cannot be told apart",
  },
};
