import type { DestinationCounts } from "../../ledger/ledger.ts";
import { deadLetterCure, pauseCure } from "../../model/cure.ts";
import type { DestinationSummary } from "./destination-schemas.ts";
import { iso } from "./fields.ts";
import type { Trouble } from "./overview-schemas.ts";

/** A lead that waits longer than this at a destination that works is worth a word. */
const longWaitMs = 15 * 60_000;

/**
 * What is wrong right now, the worst first; empty when everything arrives. `orphans`: what waits for destinations that are not
 * configured. Withheld and quarantined leads are no trouble: they are where they belong until someone decides.
 */
export function troublesOf(
  destinations: readonly DestinationSummary[],
  orphans: readonly DestinationCounts[],
  now: number,
): Trouble[] {
  const troubles = [...destinations.flatMap((one) => troublesAt(one, now)), ...orphans.flatMap(orphaned)];
  if (destinations.length === 0) troubles.push(noDestination);
  return troubles.sort((one, other) => weight(other) - weight(one));
}

function weight({ severity, leads }: Trouble): number {
  return (severity === "problem" ? Number.MAX_SAFE_INTEGER / 2 : 0) + leads;
}

function troublesAt(destination: DestinationSummary, now: number): Trouble[] {
  const { id, label, counts, pause, state, oldest_waiting_at: oldest } = destination;
  const waiting = counts.pending + counts.claimed;
  const found: Trouble[] = [];
  if (pause) {
    const byMachine = pause.by === "machine";
    found.push({
      id: `paused:${id}`,
      severity: byMachine ? "problem" : "warning",
      code: "paused",
      destination: id,
      what: byMachine ? `${label} is paused: ${pause.reason}.` : `${label} is paused by a person.`,
      since: pause.since,
      leads: waiting,
      cure: byMachine ? pauseCure(pause.code) : "Resume it when it is to receive leads again.",
      action: { type: "resume", destination: id },
    });
  } else if (state === "down") {
    found.push({
      id: `down:${id}`,
      severity: "problem",
      code: "down",
      destination: id,
      what: `${label} does not answer as it should.`,
      since: oldest,
      leads: waiting,
      cure: "It is tried again by itself, one lead at a time, and the rest follows once it answers. Check it to see why.",
      action: { type: "open", href: `/destinations/${id}` },
    });
  } else if (oldest !== null && now - Date.parse(oldest) > longWaitMs) {
    found.push({
      id: `waiting_long:${id}`,
      severity: "warning",
      code: "waiting_long",
      destination: id,
      what: `Leads wait for ${label} longer than a quarter of an hour.`,
      since: oldest,
      leads: waiting,
      cure: "They are tried again by themselves. Look at their attempts to see why.",
      action: { type: "open", href: `/leads?destination=${id}&delivery=pending` },
    });
  }
  if (counts.dead > 0) {
    found.push({
      id: `dead_letters:${id}`,
      severity: "problem",
      code: "dead_letters",
      destination: id,
      what: `${counts.dead} ${counts.dead === 1 ? "lead has" : "leads have"} not reached ${label}, and ${counts.dead === 1 ? "is" : "are"} not tried again.`,
      since: null,
      leads: counts.dead,
      cure: deadLetterCure(""),
      action: { type: "replay", destination: id, href: `/dead-letters?destination=${id}` },
    });
  }
  return found;
}

function orphaned({ destination, counts, oldestWaiting }: DestinationCounts): Trouble[] {
  const waiting = (counts.pending ?? 0) + (counts.claimed ?? 0);
  if (waiting === 0) return [];
  return [
    {
      id: `orphaned:${destination}`,
      severity: "problem",
      code: "orphaned",
      destination,
      what: `Leads wait for "${destination}", which is not configured.`,
      since: oldestWaiting === null ? null : iso(oldestWaiting),
      leads: waiting,
      cure: "Configure it again, or cancel what waits for it.",
      action: { type: "open", href: `/leads?destination=${destination}&delivery=pending` },
    },
  ];
}

const noDestination: Trouble = {
  id: "no_destination",
  severity: "warning",
  code: "no_destination",
  destination: null,
  what: "No destination is configured: leads are kept, and go nowhere.",
  since: null,
  leads: 0,
  cure: "Set the variables of one; the set-up page lists them.",
  action: { type: "open", href: "/setup" },
};
