import type { NoteKind, Notes, Together } from "../ledger/together.ts";

/** Something a lane goes by: known to it alone, or to the lanes of all machines. A promise only where others have to be asked. */
export type Knowledge<V> = {
  /** As last seen. */
  last(): V;
  /** As it stands, with every change of our own, and with others' up to a quarter of a second ago. */
  read(): V | Promise<V>;
  /** The time its times are told by, in milliseconds. */
  now(): number;
  /** `next` may be called again when another machine was faster; the same value back means no change. */
  change(next: (value: V, now: number) => V): V | Promise<V>;
};

/** Others' changes are looked for this long after the last look. */
const freshMs = 250;

/** What one process knows by itself, by its own clock. */
export function ownKnowledge<V>(first: V, monotonic: () => number): Knowledge<V> {
  let value = first;
  return {
    last: () => value,
    read: () => value,
    now: monotonic,
    change(next) {
      value = next(value, monotonic());
      return value;
    },
  };
}

/** What all machines know, noted in the store and told by its clock. Changes asked for at once are made at once. */
export function sharedKnowledge<Kind extends NoteKind>(
  { together, kind, of }: { together: Together; kind: Kind; of: string },
  first: (now: number) => Notes[Kind],
  monotonic: () => number,
): Knowledge<Notes[Kind]> {
  type Value = Notes[Kind];
  type Next = (value: Value, now: number) => Value;
  let value = first(0);
  let seenAt = Number.NEGATIVE_INFINITY;
  /** What the store's clock is ahead of our own; an answer's way back makes it seem late, never early. */
  let ahead = 0;
  /** Changes for the exchange that has not begun yet. */
  let asked: Next[] = [];
  let upcoming: Promise<Value> | null = null;
  let last: Promise<unknown> = Promise.resolve();
  let underWay = 0;

  async function exchange(): Promise<Value> {
    const changes = asked;
    asked = [];
    upcoming = null;
    const seen = await together.change(kind, of, (note, { now }) => {
      const before = note ?? first(now);
      const after = changes.reduce<Value>((known, next) => next(known, now), before);
      const answer = { value: after, now };
      return after === before ? { answer } : { note: after, answer };
    });
    ahead = seen.now - monotonic();
    seenAt = monotonic();
    value = seen.value;
    return value;
  }

  /** One exchange after the other; what is asked meanwhile shares the next. */
  function ask(next?: Next): Promise<Value> {
    if (next) asked.push(next);
    if (upcoming) return upcoming;
    underWay += 1;
    const begun = last.then(exchange).finally(() => {
      underWay -= 1;
    });
    upcoming = begun;
    last = begun.catch(() => {});
    return begun;
  }

  return {
    last: () => value,
    read: () => (underWay === 0 && monotonic() - seenAt < freshMs ? value : ask()),
    now: () => monotonic() + ahead,
    change: ask,
  };
}
