/** Null when a delivery may be sent again because it vanished, else why not. */
export function refusalToRedeliver(
  row: { lead_state: string; state: string | null; missing: boolean | number } | undefined,
): string | null {
  if (!row || row.state === null) return "is not on record";
  if (row.lead_state === "erased") return "belongs to an erased lead";
  if (row.lead_state === "quarantined") return "belongs to a quarantined lead: release it first";
  if (row.state !== "delivered") return "is not delivered: replay it instead";
  return row.missing ? null : "was not found missing";
}
