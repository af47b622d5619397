import { expect, test } from "vitest";
import { emptyBook } from "../model/alert.ts";
import { createTogether, type NoteRow } from "./together.ts";

/** Notes in memory, by a clock that can be set. */
function someNotes(clock: { now: number }) {
  const rows = new Map<string, NoteRow>();
  return createTogether("one", async (name, decide) => {
    const row = rows.get(name) ?? null;
    const { note, answer } = decide(row, clock.now);
    if (note !== null) rows.set(name, { note, version: (row?.version ?? 0) + 1, changedAt: clock.now });
    return answer;
  });
}

test("when the clock is set back, notes whose times mean nothing any more are dropped, and open alerts are kept", async () => {
  const clock = { now: 1_000_000_000 };
  const { change } = someNotes(clock);
  await change("heartbeat", "worker", () => ({ note: { at: clock.now }, answer: undefined }));
  await change("alerts", "gateway", () => ({ note: { ...emptyBook, serial: 7 }, answer: undefined }));
  clock.now -= 3_600_000;
  expect(await change("heartbeat", "worker", (note) => ({ answer: note }))).toBeNull();
  expect(await change("alerts", "gateway", (note) => ({ answer: note?.serial }))).toBe(7);
});

test("an alert of a kind that another version knows costs none of the others", async () => {
  const { change } = someNotes({ now: 0 });
  const failing = {
    channel: "mail",
    type: "mail",
    since: 0,
    failures: 1,
    blocked: false,
    reason: { code: "a", message: "b" },
  };
  const written = { ...emptyBook, failing: [failing, { ...failing, type: "pigeon" }] } as typeof emptyBook;
  await change("alerts", "gateway", () => ({ note: written, answer: undefined }));
  expect(await change("alerts", "gateway", (note) => ({ answer: note?.failing }))).toEqual([failing]);
});
