import type { Alert, Trouble } from "../../api/types.ts";

/** Something to be told at the top of the overview. */
export type Told = { type: "trouble"; trouble: Trouble } | { type: "alert"; alert: Alert };

/**
 * What the troubles of the overview tell themselves, from the record as it is this moment. An alert follows some minutes later, so
 * what is mended would be told on.
 */
const toldByTroubles: ReadonlySet<Alert["kind"]> = new Set([
  "destination_blocked",
  "destination_failing",
  "destination_down",
  "waiting_long",
  "dead_letters",
]);

/** Word of an erasure or withdrawal that a person has to pass on is no lead, and no trouble counts it. */
function isToldByTroubles({ kind, reason }: Alert): boolean {
  return toldByTroubles.has(kind) && reason?.code !== "by_hand";
}

/** What is wrong, each thing once: the troubles, and those alerts that are about something else. Problems first, in the order given. */
export function concernsOf(troubles: readonly Trouble[], alerts: readonly Alert[]): Told[] {
  const told: Told[] = [
    ...troubles.map((trouble): Told => ({ type: "trouble", trouble })),
    ...alerts.filter((alert) => !isToldByTroubles(alert)).map((alert): Told => ({ type: "alert", alert })),
  ];
  return told.toSorted((one, other) => weight(other) - weight(one));
}

function weight(told: Told): number {
  const { severity } = told.type === "trouble" ? told.trouble : told.alert;
  return severity === "problem" ? 1 : 0;
}
