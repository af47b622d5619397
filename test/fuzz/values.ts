import * as fc from "fast-check";

/** One change to a tree of values: the `at`-th of its places becomes something else, goes, or gets company. */
type Change =
  | { type: "replace"; at: number; value: unknown }
  | { type: "delete"; at: number }
  | { type: "add"; at: number; name: string; value: unknown };

/** What nobody asked for. */
export const anyValue: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    undefined,
    true,
    false,
    "",
    0,
    -1,
    1.5,
    1e21,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    [],
    {},
  ),
  fc.constantFrom<unknown>(
    [[]],
    [null],
    { "": null },
    "0",
    "-1",
    "null",
    "a".repeat(5_000),
    "\0",
    "\ud800",
    "é",
    "__proto__",
  ),
  fc.string({ unit: "binary", maxLength: 12 }),
  fc.jsonValue({ maxDepth: 2 }),
);
const name = fc.oneof(
  fc.constantFrom("__proto__", "constructor", "toString", "length", "id", "url", "0", "", "type"),
  fc.string({ maxLength: 8 }),
);
const change: fc.Arbitrary<Change> = fc.oneof(
  fc.record({ type: fc.constant("replace" as const), at: fc.nat(), value: anyValue }),
  fc.record({ type: fc.constant("delete" as const), at: fc.nat() }),
  fc.record({ type: fc.constant("add" as const), at: fc.nat(), name, value: anyValue }),
);

/** Values of the corpus with a few places changed. Plain objects and lists are copied; everything else, and what is frozen, is shared. */
export function mutatedValue<T>(corpus: readonly T[], mostChanges = 3): fc.Arbitrary<unknown> {
  return fc
    .tuple(fc.constantFrom(...corpus), fc.array(change, { maxLength: mostChanges }))
    .map(([seed, changes]) => changes.reduce<unknown>((value, one) => changed(value, one), copied(seed)));
}

function changed(root: unknown, change: Change): unknown {
  const places = placesOf(root);
  const place = places[change.at % places.length];
  if (!place) return change.type === "replace" ? change.value : root;
  const { holder, key } = place;
  if (change.type === "replace") define(holder, key, copied(change.value));
  else if (change.type === "delete") remove(holder, key);
  else add(holder, change.name, copied(change.value));
  return root;
}

type Holder = Record<string, unknown> | unknown[];
type Place = { holder: Holder; key: string };

function placesOf(value: unknown): Place[] {
  if (!isHolder(value)) return [];
  return Object.entries(value).flatMap(([key, one]) => [{ holder: value, key }, ...placesOf(one)]);
}

/** Assigning would set the prototype. */
function define(holder: Holder, key: string, value: unknown): void {
  Object.defineProperty(holder, key, { value, configurable: true, enumerable: true, writable: true });
}

function remove(holder: Holder, key: string): void {
  if (Array.isArray(holder)) holder.splice(Number(key), 1);
  else delete holder[key];
}

function add(holder: Holder, key: string, value: unknown): void {
  if (Array.isArray(holder)) holder.push(value);
  else define(holder, key, value);
}

function copied(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(copied);
  if (!isHolder(value)) return value;
  const copy: Record<string, unknown> = {};
  for (const [key, one] of Object.entries(value)) define(copy, key, copied(one));
  return copy;
}

function isHolder(value: unknown): value is Holder {
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return Array.isArray(value) || prototype === Object.prototype || prototype === null;
}
