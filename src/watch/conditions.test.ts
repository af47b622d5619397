import { expect, test } from "vitest";
import { type AlertBook, emptyBook } from "../model/alert.ts";
import { keepBook } from "./alert-book.ts";
import {
  conditionsOf,
  type Observed,
  type ObservedDestination,
  type Thresholds,
  usualQuarantine,
} from "./conditions.ts";

const minute = 60_000;
const now = Date.UTC(2026, 10, 24, 2);
const thresholds: Thresholds = {
  waitingMs: 15 * minute,
  downMs: 5 * minute,
  failures: 10,
  quarantine: 50,
  diskFree: { bytes: 1e9, share: 0.1 },
};

function crm(more: Partial<ObservedDestination> = {}): ObservedDestination {
  return {
    id: "crm",
    configured: true,
    pause: null,
    lane: { open: false, failures: 0 },
    waiting: 0,
    oldestWaiting: null,
    lastDeliveredAt: null,
    ...more,
  };
}

function observed(more: Partial<Observed> = {}): Observed {
  return {
    now,
    destinations: [crm()],
    deadLetters: [],
    missing: [],
    quarantined: 0,
    disk: { freeBytes: 50e9, totalBytes: 100e9 },
    silent: [],
    workerAt: now,
    ...more,
  };
}

function kinds(given: Observed, book: AlertBook = emptyBook, limits = thresholds): string[] {
  return conditionsOf(given, book, limits).conditions.map(({ kind }) => kind);
}

/** The book after these conditions were told. */
function bookOf(given: Observed): AlertBook {
  const holding = conditionsOf(given, emptyBook, thresholds);
  const conditions = holding.conditions.map((one) => ({ ...one, tellAfterMs: 0 }));
  return keepBook(emptyBook, { ...holding, conditions }, { now, overAfterMs: 0 }).book;
}

function paused(by: "machine" | "person", agoMs = 0): Partial<ObservedDestination> {
  const reason = { code: by === "machine" ? "unauthorized" : "paused", message: "…" };
  return { pause: { destination: "crm", since: now - agoMs, by, reason } };
}

test("nothing is wrong where leads arrive", () => {
  expect(kinds(observed())).toEqual([]);
});

test("a destination the machine has paused is blocked, whether leads wait or not, and nothing besides", () => {
  const wait = { waiting: 40, oldestWaiting: now - 600 * minute };
  expect(kinds(observed({ destinations: [crm({ ...paused("machine"), ...wait })] }))).toEqual(["destination_blocked"]);
  expect(kinds(observed({ destinations: [crm(paused("machine"))] }))).toEqual(["destination_blocked"]);
});

test("a destination a person has paused is recalled to mind after a day, when leads wait", () => {
  const after = (minutes: number) =>
    kinds(
      observed({ destinations: [crm({ ...paused("person"), waiting: 1, oldestWaiting: now - minutes * minute })] }),
    );
  expect(after(23 * 60)).toEqual([]);
  expect(after(25 * 60)).toEqual(["waiting_long"]);
});

test("a backlog that goes out is nothing wrong, however old it is", () => {
  const wait = { waiting: 5_000, oldestWaiting: now - 40 * 24 * 60 * minute };
  const going = observed({ destinations: [crm({ ...wait, lastDeliveredAt: now - minute })] });
  expect(kinds(going)).toEqual([]);
  const stuck = observed({ destinations: [crm({ ...wait, lastDeliveredAt: now - 20 * minute })] });
  expect(kinds(stuck)).toEqual(["waiting_long"]);
  // Once it was told, it is over when none waits that long.
  expect(kinds(going, bookOf(stuck))).toEqual(["waiting_long"]);
});

test("leads that wait for what is not configured any more are told of", () => {
  const orphan = crm({ id: "old", configured: false, lane: null, waiting: 2, oldestWaiting: now - 60 * minute });
  const { conditions } = conditionsOf(observed({ destinations: [orphan] }), emptyBook, thresholds);
  expect(conditions.map(({ kind, reason }) => [kind, reason?.code])).toEqual([["waiting_long", "not_configured"]]);
});

test("a destination is down after a while, and failing after so many failures in a row", () => {
  const lane = { open: true, failures: 7 };
  const { conditions } = conditionsOf(observed({ destinations: [crm({ lane })] }), emptyBook, thresholds);
  expect(conditions.map(({ kind, tellAfterMs }) => [kind, tellAfterMs])).toEqual([["destination_down", 5 * minute]]);
  const failing = crm({ lane: { open: false, failures: 10 } });
  expect(kinds(observed({ destinations: [failing] }))).toEqual(["destination_failing"]);
});

test("a restart, after which nobody knows of failures, ends no alert; an arrival does", () => {
  const wait = { waiting: 3, oldestWaiting: now - 10 * minute };
  const book = bookOf(observed({ destinations: [crm({ ...wait, lane: { open: true, failures: 12 } })] }));
  expect(book.open.map(({ kind }) => kind)).toEqual(["destination_down", "destination_failing"]);
  const restarted = (more: Partial<ObservedDestination>) => observed({ destinations: [crm({ ...wait, ...more })] });
  expect(kinds(restarted({}), book)).toEqual(["destination_down", "destination_failing"]);
  expect(kinds(restarted({ lane: null }), book)).toEqual(["destination_down", "destination_failing"]);
  expect(kinds(restarted({ lastDeliveredAt: now + 1 }), book)).toEqual([]);
  expect(kinds(restarted({ waiting: 0, oldestWaiting: null }), book)).toEqual([]);
});

test("dead letters are counted by cause", () => {
  const letters = (code: string, message: string, count: number) => ({
    destination: "crm",
    reason: { code, message },
    count,
    oldest: now,
    newest: now,
  });
  const deadLetters = [
    letters("rejected", "answered 400", 2),
    letters("rejected", "answered 422", 3),
    letters("a b/c", "", 1),
  ];
  const { conditions } = conditionsOf(observed({ deadLetters }), emptyBook, thresholds);
  expect(conditions.map(({ key, figures }) => [key, figures.leads])).toEqual([
    ["dead_letters-crm-rejected", 5],
    ["dead_letters-crm-a-b-c", 1],
  ]);
});

test("the quarantine is too full when it holds far more than it usually does", () => {
  const book = { ...emptyBook, usualQuarantine: { leads: 300, at: now } };
  expect(kinds(observed({ quarantined: 320 }), book)).toEqual([]);
  expect(kinds(observed({ quarantined: 601 }), book)).toEqual(["quarantine_full"]);
  expect(kinds(observed({ quarantined: 40 }), { ...emptyBook, usualQuarantine: { leads: 2, at: now } })).toEqual([]);
});

test("what is usual follows slowly", () => {
  let usual = usualQuarantine(emptyBook, 100, now);
  expect(usual?.leads).toBe(100);
  for (let hours = 1; hours <= 24; hours++) {
    usual = usualQuarantine({ ...emptyBook, usualQuarantine: usual }, 800, now + hours * 60 * minute);
  }
  expect(usual?.leads).toBeGreaterThan(150);
  expect(usual?.leads).toBeLessThan(250);
});

test("the disk is told of under its limit, and over once there is clearly more room", () => {
  const disk = (freeBytes: number, totalBytes: number) => observed({ disk: { freeBytes, totalBytes } });
  expect(kinds(disk(0.9e9, 100e9))).toEqual(["disk_low"]);
  expect(kinds(disk(0.5e9, 1e9))).toEqual([]);
  expect(kinds(disk(1.1e9, 100e9), bookOf(disk(0.9e9, 100e9)))).toEqual(["disk_low"]);
  expect(kinds(disk(1.3e9, 100e9), bookOf(disk(0.9e9, 100e9)))).toEqual([]);
  expect(kinds(disk(0.9e9, 100e9), emptyBook, { ...thresholds, diskFree: null })).toEqual([]);
});

test("that nobody delivers is told when leads wait for it", () => {
  const waiting = crm({ lane: null, waiting: 2, oldestWaiting: now - 14 * minute });
  const gone = (workerAt: number | null, destination = waiting) =>
    kinds(observed({ destinations: [destination], workerAt }));
  expect(gone(now - minute)).toEqual([]);
  expect(gone(now - 11 * minute)).toEqual(["worker_gone"]);
  expect(gone(null)).toEqual(["worker_gone"]);
  expect(gone(null, crm())).toEqual([]);
  expect(gone(now - 60 * minute, crm({ waiting: 1, oldestWaiting: now - minute }))).toEqual([]);
});

test("a channel is told of at once when it is blocked, else after some failures", () => {
  const failing = (failures: number, blocked: boolean): AlertBook => ({
    ...emptyBook,
    failing: [
      { channel: "mail", type: "mail", since: now, failures, blocked, reason: { code: "deferred", message: "…" } },
    ],
  });
  expect(kinds(observed(), failing(2, false))).toEqual([]);
  expect(kinds(observed(), failing(3, false))).toEqual(["mail_failing"]);
  expect(kinds(observed(), failing(1, true))).toEqual(["mail_failing"]);
});

test("delivered leads that are not there any more are told of", () => {
  const { conditions } = conditionsOf(
    observed({ missing: [{ destination: "crm", count: 3, since: now }] }),
    emptyBook,
    thresholds,
  );
  expect(conditions.map(({ key, figures }) => [key, figures.leads])).toEqual([["leads_missing-crm", 3]]);
});

test("what could not be looked at is said to be unknown", () => {
  const { unknown } = conditionsOf(observed({ disk: null, silent: null, missing: null }), emptyBook, thresholds);
  expect([...unknown].sort()).toEqual(["disk_low", "form_silent", "leads_missing"]);
});
