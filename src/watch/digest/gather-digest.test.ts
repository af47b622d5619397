import { expect, test } from "vitest";
import type { AttemptTally, DestinationCounts, LeadTally, Ledger } from "../../ledger/ledger.ts";
import { gatherDigest } from "./gather-digest.ts";

const weekMs = 7 * 86_400_000;
const until = Date.UTC(2026, 10, 23, 8);
const since = until - weekMs;
const request = { since, until, destinations: [{ id: "crm", label: "CRM" }] };

/** A ledger that has counted this. */
function counted(some: {
  leads?: LeadTally[];
  attempts?: AttemptTally[];
  counts?: DestinationCounts[];
  dead?: Awaited<ReturnType<Ledger["deadLetters"]>>;
  pauses?: Awaited<ReturnType<Ledger["pauses"]>>;
}) {
  return {
    leadTallies: async (from: number) => (some.leads ?? []).filter(({ hour }) => hour >= from),
    attemptTallies: async (from: number) => (some.attempts ?? []).filter(({ hour }) => hour >= from),
    counts: async () => some.counts ?? [],
    deadLetters: async () => some.dead ?? [],
    leadCounts: async () => ({ active: 10, quarantined: 2, erased: 0 }),
    pauses: async () => some.pauses ?? [],
  };
}

function leads(hour: number, count: number, rest: Partial<LeadTally> = {}): LeadTally {
  return { hour, form: "contact", source: "", count, ...rest };
}

function arrived(wait: number | null, count: number): AttemptTally {
  return { hour: since, destination: "crm", outcome: "delivered", wait, count, durationMs: 100 * count };
}

function atCrm(counts: DestinationCounts["counts"], destination = "crm"): DestinationCounts {
  return { destination, counts, oldestWaiting: null, lastDeliveredAt: null };
}

test("leads of the period stand beside those of the one before; others are left out", async () => {
  const tallies = [
    leads(since - weekMs - 1, 7),
    leads(since - 1, 2),
    leads(since, 3),
    leads(until - 1, 4),
    leads(until, 9),
  ];
  expect(await gatherDigest(counted({ leads: tallies }), request)).toMatchObject({ leads: { count: 7, before: 2 } });
});

test("an hour the period begins or ends in is told of once, when it is over", async () => {
  const tallies = [leads(since, 3), leads(until, 9)];
  const halfPast = { ...request, since: since + 1_800_000, until: until + 1_800_000 };
  expect(await gatherDigest(counted({ leads: tallies }), halfPast)).toMatchObject({
    since,
    until,
    leads: { count: 3 },
  });
});

test("forms and sources are listed by how many leads they brought, those that brought none any more at the end", async () => {
  const tallies = [
    leads(since, 1, { source: "google" }),
    leads(since, 2, { source: "bing", form: "quote" }),
    leads(since, 2, { source: "google", form: "quote" }),
    leads(since - 1, 5, { source: "newsletter" }),
  ];
  const { byForm, bySource } = await gatherDigest(counted({ leads: tallies }), request);
  expect(byForm).toEqual([
    { name: "quote", count: 4, before: 0 },
    { name: "contact", count: 1, before: 5 },
  ]);
  expect(bySource.map(({ name }) => name)).toEqual(["google", "bing", "newsletter"]);
});

test("the time to delivery is the bound within which half, and 95 %, had arrived", async () => {
  const attempts = [arrived(1_000, 40), arrived(5_000, 20), arrived(600_000, 39), arrived(null, 1)];
  const { destinations } = await gatherDigest(counted({ attempts }), request);
  expect(destinations).toMatchObject([{ delivered: 100, medianMs: 5_000, slowMs: 600_000 }]);
});

test("attempts that did not deliver, and those of other weeks, count for no delivery", async () => {
  const attempts: AttemptTally[] = [
    { ...arrived(null, 5), outcome: "retry" },
    { ...arrived(1_000, 5), hour: until },
  ];
  const { destinations } = await gatherDigest(counted({ attempts }), request);
  expect(destinations).toMatchObject([{ delivered: 0, medianMs: null, slowMs: null }]);
});

test("owed is what waits and what is not tried again, not what was withheld or cancelled", async () => {
  const counts = [atCrm({ pending: 3, claimed: 1, dead: 2, delivered: 50, withheld: 4, cancelled: 5 })];
  const { destinations } = await gatherDigest(counted({ counts }), request);
  expect(destinations).toMatchObject([{ owed: 6 }]);
});

test("what needs a hand is named as people call it, with how many leads wait", async () => {
  const reason = { code: "unauthorized", message: "answered 401" };
  const figures = await gatherDigest(
    counted({
      counts: [atCrm({ pending: 38 }), atCrm({ pending: 4 }, "old-crm"), atCrm({ delivered: 4 }, "older-crm")],
      dead: [{ destination: "crm", reason, count: 5, oldest: since, newest: until }],
      pauses: [{ destination: "crm", since, by: "machine", reason }],
    }),
    request,
  );
  expect(figures).toMatchObject({
    pauses: [{ label: "CRM", waiting: 38, reason }],
    deadLetters: [{ label: "CRM", count: 5, reason }],
    orphans: [{ destination: "old-crm", waiting: 4 }],
    quarantined: 2,
  });
});
