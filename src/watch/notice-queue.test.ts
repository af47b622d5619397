import { expect, test } from "vitest";
import { type Alert, type AlertBook, emptyBook } from "../model/alert.ts";
import type { Outcome } from "../model/outcome.ts";
import { type ChannelInfo, queueWords, settleSending, type Taken, takeDue } from "./notice-queue.ts";

const now = Date.UTC(2026, 10, 24, 2);
const mail: ChannelInfo = { id: "mail", type: "mail" };
const chat: ChannelInfo = { id: "webhook", type: "webhook" };
const channels = [mail, chat];
const refused: Outcome = { type: "retry", reason: { code: "server_error", message: "answered 503", status: 503 } };

function anAlert(key = "destination_blocked-crm", kind: Alert["kind"] = "destination_blocked"): Alert {
  return {
    id: `${key}-1`,
    key,
    kind,
    subject: null,
    severity: "problem",
    since: now,
    worsenedAt: now,
    state: "open",
    overAt: null,
    reason: null,
    figures: { leads: 1 },
    acknowledged: null,
  };
}

function queued(alert = anAlert(), book: AlertBook = emptyBook, type: "opened" | "over" = "opened"): AlertBook {
  return queueWords(book, [{ type, alerts: [alert] }], { now, channels });
}

function taken(book: AlertBook, channel: ChannelInfo, at = now): { book: AlertBook; taken: Taken } {
  const due = takeDue(book, { now: at, leaseMs: 60_000, channel: channel.id });
  if (!due.book) throw new Error(`nothing is due for ${due.dueInMs} ms`);
  return due;
}

function waits(book: AlertBook): [string, string][] {
  return book.notices.flatMap(({ type, sendings }) => sendings.map(({ channel }): [string, string] => [type, channel]));
}

test("a notice goes to every channel, each for itself", () => {
  const book = queued();
  expect(waits(book)).toEqual([
    ["opened", "mail"],
    ["opened", "webhook"],
  ]);
  const { book: after, taken: sent } = taken(book, mail);
  const settled = settleSending(after, sent, { outcome: { type: "delivered" }, next: null, now, channel: mail });
  expect(waits(settled)).toEqual([["opened", "webhook"]]);
});

test("its id holds no dot, and is another one for another notice", () => {
  const ids = queued(anAlert("b"), queued(anAlert("a"))).notices.map(({ id }) => id);
  expect(new Set(ids).size).toBe(2);
  for (const id of ids) expect(id).toMatch(/^notice_[a-z0-9]+_\d+$/);
});

test("that a channel fails is told by the others", () => {
  expect(waits(queued(anAlert("mail_failing-mail", "mail_failing")))).toEqual([["opened", "webhook"]]);
});

test("what has not gone out when it is over does not go out any more; what was begun goes on", () => {
  const { book } = taken(queued(), chat);
  expect(waits(queued(anAlert(), book, "over"))).toEqual([
    ["opened", "webhook"],
    ["over", "mail"],
    ["over", "webhook"],
  ]);
});

test("a failed one is tried again when it is due, with the channel known to fail", () => {
  const { book, taken: first } = taken(queued(), chat);
  const next = { dueAt: now + 5_000, tries: 1, uncertain: false };
  const settled = settleSending(book, first, { outcome: refused, next, now, channel: chat });
  expect(settled.failing).toMatchObject([{ channel: "webhook", failures: 1, blocked: false }]);
  expect(takeDue(settled, { now: now + 4_999, leaseMs: 1, channel: "webhook" })).toEqual({ book: null, dueInMs: 1 });
  const { taken: second } = taken(settled, chat, now + 5_000);
  expect([second.notice.id === first.notice.id, second.sending.attempts]).toEqual([true, 2]);
});

test("one whose process is gone is tried again after its lease, as one that may have arrived", () => {
  const { book } = taken(queued(), mail);
  expect(takeDue(book, { now: now + 59_999, leaseMs: 1, channel: "mail" })).toMatchObject({ book: null });
  expect(taken(book, mail, now + 60_000).taken.sending).toMatchObject({ attempts: 2, uncertain: true });
});

test("a result that comes after another has taken the notice over changes nothing of it", () => {
  const { book, taken: slow } = taken(queued(), mail);
  const { book: later } = taken(book, mail, now + 60_000);
  const settled = settleSending(later, slow, { outcome: { type: "delivered" }, next: null, now, channel: mail });
  expect(waits(settled)).toContainEqual(["opened", "mail"]);
});

test("a clock that is set back by hours holds nothing up for hours", () => {
  const { book } = taken(queued(), mail);
  expect(taken(book, mail, now - 60 * 3_600_000).taken.sending.attempts).toBe(2);
});

test("what waits for a channel that is not configured any more is dropped", () => {
  expect(waits(queueWords(queued(), [], { now, channels: [chat] }))).toEqual([["opened", "webhook"]]);
});
