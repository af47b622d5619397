import type { DeadLetters, Pause } from "../ledger/ledger.ts";
import type { AlertBook, AlertFigures, AlertKind, AlertSubject, OpenAlert } from "../model/alert.ts";
import type { Reason } from "../model/outcome.ts";

/** A destination as the watch sees it. Times are epoch milliseconds. */
export type ObservedDestination = {
  id: string;
  /** False: leads wait for it, but it is not configured any more. */
  configured: boolean;
  pause: Pause | null;
  /** What its lane in this process knows; null where no lane is at work. */
  lane: { open: boolean; failures: number } | null;
  waiting: number;
  oldestWaiting: number | null;
  lastDeliveredAt: number | null;
};

/** Everything alerts are made from. What could not be looked at is null, and then neither begins nor ends an alert. */
export type Observed = {
  now: number;
  destinations: readonly ObservedDestination[];
  deadLetters: readonly DeadLetters[];
  /** Delivered leads that were found missing, by destination. */
  missing: readonly { destination: string; count: number; since: number }[] | null;
  quarantined: number;
  disk: { freeBytes: number; totalBytes: number } | null;
  silent: readonly { form: string; lastLeadAt: number; expected: number }[] | null;
  /** When somebody who delivers was last at work; null when never. */
  workerAt: number | null;
};

/** From where on something is worth an alert. */
export type Thresholds = {
  waitingMs: number;
  downMs: number;
  /** Consecutive failures. */
  failures: number;
  quarantine: number;
  /** Null: the disk is not watched. */
  /** The smaller one when both are given. */
  diskFree: { bytes?: number; share?: number } | null;
};

/** Something that is wrong just now. */
export type Condition = {
  key: string;
  kind: AlertKind;
  subject: AlertSubject | null;
  severity: "problem" | "warning";
  /** Since when; null: since it was noticed. */
  since: number | null;
  /** It is told once it has been so for this long. */
  tellAfterMs: number;
  reason: Reason | null;
  figures: AlertFigures;
  /** What makes it worse when it doubles; small values do not count, see `worthTelling`. */
  measure: number;
};

/** What is wrong, the kinds of which that could not be told, and how many leads wait for each destination. */
export type Holding = {
  conditions: readonly Condition[];
  unknown: ReadonlySet<AlertKind>;
  waiting: ReadonlyMap<string, number>;
};

/** Leads may wait for a destination that a person has paused for this long before that is recalled to mind. */
const personPauseMs = 86_400_000;
/** Nobody delivers: a restart or a deployment takes less. */
const workerGoneMs = 600_000;
/** A channel that may work again by itself is told of after so many failures. */
const channelFailures = 3;
/** How far the free space has to come back over its limit. */
const backAgain = 1.2;

/**
 * What is wrong just now. Pure. Where a figure moves around its limit, an alert that is open holds longer than it took to open
 * it, so that it does not come and go.
 */
export function conditionsOf(observed: Observed, book: AlertBook, thresholds: Thresholds): Holding {
  const open = new Map(book.open.map((one) => [one.key, one]));
  const unknown = new Set<AlertKind>();
  if (observed.disk === null && thresholds.diskFree !== null) unknown.add("disk_low");
  if (observed.silent === null) unknown.add("form_silent");
  if (observed.missing === null) unknown.add("leads_missing");
  const workerGone = worker(observed);
  const troubles = observed.destinations.flatMap((one) => destinationTroubles(one, observed.now, open, thresholds));
  const conditions = [
    ...workerGone,
    // Where nobody delivers, leads wait for every destination.
    ...(workerGone.length > 0 ? troubles.filter(({ severity }) => severity === "problem") : troubles),
    ...deadLetters(observed.deadLetters),
    ...(observed.missing ?? []).map(missing),
    ...quarantine(observed, book, open, thresholds),
    ...disk(observed, open, thresholds),
    ...(observed.silent ?? []).map(silence),
    ...channels(book),
  ];
  return { conditions, unknown, waiting: new Map(observed.destinations.map(({ id, waiting }) => [id, waiting])) };
}

/** How many leads usually lie in quarantine: what was there, followed slowly. */
export function usualQuarantine(book: AlertBook, quarantined: number, now: number): AlertBook["usualQuarantine"] {
  const { usualQuarantine: usual } = book;
  if (usual === null || usual.at > now) return { leads: quarantined, at: now };
  if (now - usual.at < rethinkMs) return usual;
  const share = Math.min(1, (now - usual.at) / followMs);
  return { leads: usual.leads + (quarantined - usual.leads) * share, at: now };
}
const rethinkMs = 3_600_000;
const followMs = 7 * 86_400_000;

type Open = ReadonlyMap<string, OpenAlert>;
type Defaults = "subject" | "since" | "tellAfterMs" | "reason";

function condition(given: Omit<Condition, Defaults> & Partial<Pick<Condition, Defaults>>): Condition {
  return { subject: null, since: null, tellAfterMs: 0, reason: null, ...given };
}

/** What keeps leads from a destination. One that is paused is nothing else besides. */
function destinationTroubles(
  destination: ObservedDestination,
  now: number,
  open: Open,
  { waitingMs, downMs, failures }: Thresholds,
): Condition[] {
  const { id, configured, pause, lane, waiting, oldestWaiting, lastDeliveredAt } = destination;
  const trouble = (kind: AlertKind, severity: Condition["severity"], more: Partial<Condition>): Condition =>
    condition({
      key: `${kind}-${id}`,
      kind,
      severity,
      subject: { type: "destination", id },
      figures: { leads: waiting, oldestAt: oldestWaiting },
      measure: waiting,
      ...more,
    });
  // What was taken out of the configuration may have left its pause behind.
  if (!configured && waiting === 0) return [];
  if (pause?.by === "machine") {
    return [trouble("destination_blocked", "problem", { since: pause.since, reason: pause.reason })];
  }
  const found: Condition[] = [];
  /** A process that has just begun knows of no failures: only an arrival ends what was known before. */
  const holdsOn = (kind: AlertKind): boolean => {
    const was = open.get(`${kind}-${id}`);
    return was !== undefined && waiting > 0 && !(lastDeliveredAt !== null && lastDeliveredAt > was.since);
  };
  if (pause === null && configured) {
    if (lane?.open || holdsOn("destination_down")) {
      found.push(trouble("destination_down", "problem", { tellAfterMs: downMs }));
    }
    if ((lane && lane.failures >= failures) || holdsOn("destination_failing")) {
      const figures = { leads: waiting, oldestAt: oldestWaiting, failures: lane?.failures ?? 0 };
      found.push(trouble("destination_failing", "problem", { figures }));
    }
  }
  if (oldestWaiting !== null && waiting > 0) {
    const limitMs = pause ? personPauseMs : waitingMs;
    // While leads arrive, old ones among those that wait are a backlog that goes out, such as a resync.
    const arrives = lastDeliveredAt !== null && now - lastDeliveredAt < limitMs;
    if (now - oldestWaiting > limitMs && (!arrives || open.has(`waiting_long-${id}`))) {
      const reason = configured ? (pause?.reason ?? null) : notConfigured;
      found.push(trouble("waiting_long", "warning", { since: oldestWaiting, reason }));
    }
  }
  return found;
}

const notConfigured: Reason = { code: "not_configured", message: "it is not configured" };

/** One for each cause, so that a cause that was not there before is told. */
function deadLetters(all: readonly DeadLetters[]): Condition[] {
  const causes = Map.groupBy(all, ({ destination, reason }) => `${destination}-${plain(reason.code)}`);
  return [...causes].flatMap(([cause, some]) => {
    const [first] = some;
    if (!first) return [];
    const leads = some.reduce((sum, { count }) => sum + count, 0);
    return [
      condition({
        key: `dead_letters-${cause}`,
        kind: "dead_letters",
        severity: "problem",
        subject: { type: "destination", id: first.destination },
        reason: first.reason,
        figures: { leads, oldestAt: Math.min(...some.map(({ oldest }) => oldest)) },
        measure: leads,
      }),
    ];
  });
}

function missing({ destination: id, count: leads, since }: NonNullable<Observed["missing"]>[number]): Condition {
  return condition({
    key: `leads_missing-${id}`,
    kind: "leads_missing",
    severity: "problem",
    subject: { type: "destination", id },
    since,
    figures: { leads },
    measure: leads,
  });
}

function quarantine({ quarantined }: Observed, book: AlertBook, open: Open, thresholds: Thresholds): Condition[] {
  const usual = book.usualQuarantine?.leads ?? quarantined;
  const limit = Math.max(thresholds.quarantine, usual * 2);
  const isOpen = open.has("quarantine_full");
  if (quarantined <= (isOpen ? limit / backAgain : limit)) return [];
  const figures = { leads: quarantined, usual: Math.round(usual) };
  return [
    condition({ key: "quarantine_full", kind: "quarantine_full", severity: "warning", figures, measure: quarantined }),
  ];
}

function disk({ disk: found }: Observed, open: Open, { diskFree }: Thresholds): Condition[] {
  if (found === null || diskFree === null) return [];
  const { freeBytes, totalBytes } = found;
  const { bytes = Number.POSITIVE_INFINITY, share = 1 } = diskFree;
  const limit = Math.min(bytes, totalBytes * share);
  if (freeBytes >= (open.has("disk_low") ? limit * backAgain : limit)) return [];
  const figures = { leads: 0, freeBytes, totalBytes };
  // Doubles when what is free has halved.
  const measure = totalBytes / Math.max(1, freeBytes);
  return [condition({ key: "disk_low", kind: "disk_low", severity: "problem", figures, measure })];
}

function worker({ workerAt, destinations, now }: Observed): Condition[] {
  const waiting = destinations.filter((one) => one.configured && one.pause === null && one.oldestWaiting !== null);
  const oldestAt = Math.min(...waiting.map(({ oldestWaiting }) => oldestWaiting ?? now));
  const since = workerAt ?? oldestAt;
  if (waiting.length === 0 || now - Math.max(since, oldestAt) <= workerGoneMs) return [];
  const leads = waiting.reduce((most, one) => Math.max(most, one.waiting), 0);
  const figures = { leads, oldestAt };
  return [condition({ key: "worker_gone", kind: "worker_gone", severity: "problem", since, figures, measure: leads })];
}

function silence({ form, lastLeadAt, expected }: NonNullable<Observed["silent"]>[number]): Condition {
  const figures = { leads: Math.round(expected), oldestAt: lastLeadAt };
  const subject = { type: "form", id: form } as const;
  const key = `form_silent-${form}`;
  // Forms that are quiet grow no quieter.
  return condition({ key, kind: "form_silent", severity: "warning", subject, since: lastLeadAt, figures, measure: 0 });
}

function channels({ failing }: AlertBook): Condition[] {
  return failing
    .filter(({ blocked, failures }) => blocked || failures >= channelFailures)
    .map(({ channel, type, since, reason, failures }) =>
      condition({
        key: `${type}_failing-${channel}`,
        kind: `${type}_failing`,
        severity: "problem",
        since,
        reason,
        figures: { leads: 0, failures },
        measure: 0,
      }),
    );
}

/** Fit for an alert's id. */
function plain(code: string): string {
  return code.replaceAll(/[^A-Za-z0-9_-]/g, "-").slice(0, 60);
}
