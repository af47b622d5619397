import { expect, test } from "vitest";
import { type AlertBook, emptyBook } from "../model/alert.ts";
import { acknowledge, keepBook, type Word } from "./alert-book.ts";
import type { Condition, Holding } from "./conditions.ts";

const minute = 60_000;
const hour = 60 * minute;
const overAfterMs = 2 * minute;
const start = Date.UTC(2026, 10, 24, 2);

function blocked(leads = 1, more: Partial<Condition> = {}): Condition {
  return {
    key: "destination_blocked-crm",
    kind: "destination_blocked",
    subject: { type: "destination", id: "crm" },
    severity: "problem",
    since: start,
    tellAfterMs: 0,
    reason: { code: "unauthorized", message: "answered 401", status: 401 },
    figures: { leads },
    measure: leads,
    ...more,
  };
}

function waitingLong(leads = 1): Condition {
  return blocked(leads, { key: "waiting_long-crm", kind: "waiting_long", severity: "warning", reason: null });
}

function down(leads = 1): Condition {
  return blocked(leads, {
    key: "destination_down-crm",
    kind: "destination_down",
    tellAfterMs: 5 * minute,
    since: null,
  });
}

function dead(code: string, leads = 1): Condition {
  return blocked(leads, { key: `dead_letters-crm-${code}`, kind: "dead_letters", since: null });
}

function silent(form: string): Condition {
  const subject = { type: "form", id: form } as const;
  return blocked(3, { key: `form_silent-${form}`, kind: "form_silent", subject, measure: 0 });
}

function holding(conditions: readonly Condition[]): Holding {
  return { conditions, unknown: new Set(), waiting: new Map() };
}

/** A book that is looked after; each look tells what there is a word of. */
function aBook(from: AlertBook = emptyBook) {
  let book = from;
  return {
    book: () => book,
    look(now: number, ...conditions: Condition[]): string[] {
      const kept = keepBook(book, holding(conditions), { now, overAfterMs });
      // As it comes back from the ledger.
      book = JSON.parse(JSON.stringify(kept.book));
      return kept.words.map(said);
    },
    set(next: AlertBook): void {
      book = next;
    },
  };
}

function said({ type, alerts }: Word): string {
  return `${type} ${alerts.map(({ key }) => key).join(" ")}`;
}

test("what is wrong is told once, and once more when it is over", () => {
  const { look, book } = aBook();
  expect(look(start, blocked(1))).toEqual(["opened destination_blocked-crm"]);
  for (let i = 1; i < 38; i++) expect(look(start + i * minute, blocked(i))).toEqual([]);
  const mended = start + 40 * minute;
  expect(look(mended)).toEqual([]);
  expect(look(mended + overAfterMs)).toEqual(["over destination_blocked-crm"]);
  expect(look(mended + hour)).toEqual([]);
  expect(book().over.map(({ state, overAt }) => [state, overAt])).toEqual([["over", mended + overAfterMs]]);
});

test("a night of a few dozen leads is no reason for a second word, a pile of hundreds is one each time it doubles", () => {
  const { look } = aBook();
  look(start, blocked(1));
  expect(look(start + 8 * hour, blocked(99))).toEqual([]);
  expect(look(start + 8 * hour, blocked(100))).toEqual(["worse destination_blocked-crm"]);
  expect(look(start + 8 * hour, blocked(199))).toEqual([]);
  expect(look(start + 8 * hour, blocked(200))).toEqual(["worse destination_blocked-crm"]);
});

test("people are reminded of leads that wait after a day and after three, unless somebody has seen the alert", () => {
  const { look, book, set } = aBook();
  look(start, blocked());
  expect(look(start + 23 * hour, blocked())).toEqual([]);
  expect(look(start + 24 * hour, blocked())).toEqual(["worse destination_blocked-crm"]);
  expect(look(start + 25 * hour, blocked())).toEqual([]);
  const seen = acknowledge(book(), book().open[0]?.id ?? "", { by: "Grace", at: start + 25 * hour });
  set(seen?.book ?? book());
  expect(look(start + 72 * hour, blocked())).toEqual([]);
  expect(look(start + 73 * hour, blocked(500))).toEqual(["worse destination_blocked-crm"]);
  expect(book().open[0]?.acknowledged).toBeNull();
});

test("several things that keep leads from one destination are one trouble: the graver one is told, the lesser is not", () => {
  const { look } = aBook();
  expect(look(start, waitingLong())).toEqual(["opened waiting_long-crm"]);
  expect(look(start + minute, waitingLong(), blocked())).toEqual(["worse destination_blocked-crm waiting_long-crm"]);
  expect(look(start + 2 * minute, waitingLong())).toEqual([]);
  expect(look(start + 10 * minute, waitingLong())).toEqual([]);
  expect(look(start + 10 * minute)).toEqual([]);
  // It says what it was all about, not only what was left at the end.
  expect(look(start + 12 * minute)).toEqual(["over destination_blocked-crm waiting_long-crm"]);
});

test("several troubles of one destination that begin together are one notice", () => {
  expect(aBook().look(start, blocked(), dead("rejected"))).toEqual([
    "opened destination_blocked-crm dead_letters-crm-rejected",
  ]);
});

test("dead letters of a cause that was not there before are told, and do not hide that the destination works again", () => {
  const { look } = aBook();
  look(start, dead("rejected"), blocked());
  expect(look(start + minute, dead("rejected"), dead("gone"), blocked())).toEqual(["opened dead_letters-crm-gone"]);
  look(start + 3 * minute, dead("rejected"), dead("gone"));
  expect(look(start + 5 * minute, dead("rejected"), dead("gone"))).toEqual(["over destination_blocked-crm"]);
});

test("forms that fall silent together are one notice", () => {
  expect(aBook().look(start, silent("a"), silent("b"))).toEqual(["opened form_silent-a form_silent-b"]);
});

test("what has to last is told only once it has, also when it breaks off for a moment", () => {
  const { look } = aBook();
  expect(look(start, down())).toEqual([]);
  expect(look(start + minute)).toEqual([]);
  expect(look(start + 2 * minute, down())).toEqual([]);
  expect(look(start + 5 * minute, down())).toEqual(["opened destination_down-crm"]);
});

test("what comes and goes is not told each time", () => {
  const { look } = aBook();
  const words: string[] = [];
  // Wrong for three minutes, right for three, a day long.
  for (let at = 0; at < 24 * hour; at += 30_000) {
    words.push(...look(start + at, ...(at % (6 * minute) < 3 * minute ? [blocked()] : [])));
  }
  // Its end is believed once; from then on it has to be gone for longer.
  expect(words.filter((word) => word.startsWith("opened"))).toHaveLength(2);
  expect(words.filter((word) => word.startsWith("over"))).toHaveLength(1);
});

test("what could not be looked at is neither over nor new", () => {
  const { book, look } = aBook();
  look(start, silent("a"));
  const unknown = new Set(["form_silent"] as const);
  const kept = keepBook(book(), { ...holding([]), unknown }, { now: start + hour, overAfterMs });
  expect([kept.words, kept.book.open.length]).toEqual([[], 1]);
});

test("a clock that is set back ends no alert and tells nothing twice", () => {
  const { look } = aBook();
  look(start, blocked());
  expect(look(start - 6 * hour, blocked())).toEqual([]);
  expect(look(start - 5 * hour)).toEqual([]);
  expect(look(start - 7 * hour)).toEqual([]);
  expect(look(start - 7 * hour + overAfterMs)).toEqual(["over destination_blocked-crm"]);
});

test("the book stays small, however much is wrong", () => {
  const { look, book } = aBook();
  const many = Array.from({ length: 1_000 }, (_, n) => silent(`form-${n}`));
  for (let day = 0; day < 5; day++) {
    look(start + day * 24 * hour, ...many);
    look(start + day * 24 * hour + hour);
    look(start + day * 24 * hour + 20 * hour);
  }
  expect(JSON.stringify(book()).length).toBeLessThan(200_000);
});
