import * as fc from "fast-check";

/** One change to a run of bytes. Places are fractions of its length, so that a change fits whatever went before. */
type Mutation =
  | { type: "flip"; at: number; bit: number }
  | { type: "put"; at: number; what: Uint8Array }
  | { type: "insert"; at: number; what: Uint8Array }
  | { type: "delete"; at: number; share: number }
  | { type: "repeat"; at: number; share: number; times: number }
  | { type: "splice"; at: number; from: number; other: number };

const text = (value: string): Uint8Array => Buffer.from(value);

/** What has broken parsers before. */
const interesting: readonly Uint8Array[] = [
  ...[
    "\0",
    "\r\n",
    "\r\n\r\n",
    "\n",
    "\t",
    " ",
    "%",
    "%00",
    "%zz",
    "%u0041",
    "+",
    "&",
    "&&",
    "=",
    ";",
    ",",
    ":",
    "--",
    "\\",
  ],
  ...[
    '"',
    "'",
    "`",
    "<script>",
    "</form>",
    "<!--",
    "&#0;",
    "$" + "{1}",
    "{{x}}",
    "=cmd|' /C'!A0",
    "\u202e",
    "\u2028",
    "\ufeff",
  ],
  ...["-1", "0", "1e309", "-0", "9007199254740993", "NaN", "Infinity", "null", "true", "undefined", "[object Object]"],
  ...[
    "{}",
    "[]",
    "[[[[[[[[[[",
    '{"a":',
    "__proto__",
    "constructor",
    "toString",
    "../",
    "..%2f",
    "//",
    "javascript:",
    "http://",
  ],
  ...[
    "; charset=utf-7",
    '; charset="utf-16"',
    "; boundary=X",
    "--X\r\n",
    "--X--",
    "filename*=utf-8''x",
    "_key",
    "_redirect",
  ],
  ...[
    "ada@example.com",
    "+442079460018",
    "A".repeat(300),
    "é".repeat(40),
    "👩‍👩‍👧".repeat(5),
    "a[]",
    "a.b.c",
    "a[b][c]",
  ],
].map(text);
const brokenText: readonly Uint8Array[] = [
  [0xff],
  [0xc0, 0xaf],
  [0xed, 0xa0, 0x80],
  [0xf4, 0x90, 0x80, 0x80],
  [0xef, 0xbb, 0xbf],
  [0xff, 0xfe],
  [0x80],
  [0x1b, 0x5b, 0x33, 0x31, 0x6d],
].map((bytes) => Uint8Array.from(bytes));

const at = fc.double({ min: 0, max: 1, noNaN: true });
const what = fc.oneof(fc.constantFrom(...interesting, ...brokenText), fc.uint8Array({ minLength: 1, maxLength: 8 }));
const mutation = fc.oneof<fc.Arbitrary<Mutation>[]>(
  fc.record({ type: fc.constant("flip" as const), at, bit: fc.nat(7) }),
  fc.record({ type: fc.constant("put" as const), at, what }),
  fc.record({ type: fc.constant("insert" as const), at, what }),
  fc.record({ type: fc.constant("delete" as const), at, share: fc.double({ min: 0, max: 0.4, noNaN: true }) }),
  fc.record({
    type: fc.constant("repeat" as const),
    at,
    share: fc.double({ min: 0, max: 0.3, noNaN: true }),
    times: fc.constantFrom(1, 2, 3, 40),
  }),
  fc.record({ type: fc.constant("splice" as const), at, from: at, other: fc.nat() }),
);
const longest = 64 * 1024;

/** Bytes of the corpus, changed in a few places. Shrinks by leaving changes out. */
export function mutatedBytes(corpus: readonly Uint8Array[], mostChanges = 6): fc.Arbitrary<Buffer> {
  return fc
    .tuple(fc.constantFrom(...corpus), fc.array(mutation, { maxLength: mostChanges }))
    .map(([seed, mutations]) =>
      mutations.reduce<Buffer>((bytes, one) => applied(bytes, one, corpus).subarray(0, longest), Buffer.from(seed)),
    );
}

/** The same for text; broken UTF-8 becomes U+FFFD. */
export function mutatedText(corpus: readonly string[], mostChanges = 4): fc.Arbitrary<string> {
  return mutatedBytes(corpus.map(text), mostChanges).map((bytes) => bytes.toString("utf8"));
}

function applied(bytes: Buffer, mutation: Mutation, corpus: readonly Uint8Array[]): Buffer {
  const place = Math.min(bytes.length, Math.floor(mutation.at * (bytes.length + 1)));
  const before = bytes.subarray(0, place);
  switch (mutation.type) {
    case "flip": {
      const flipped = Buffer.from(bytes);
      if (place < bytes.length) flipped[place] = (flipped[place] ?? 0) ^ (1 << mutation.bit);
      return flipped;
    }
    case "put":
      return Buffer.concat([before, mutation.what, bytes.subarray(place + mutation.what.length)]);
    case "insert":
      return Buffer.concat([before, mutation.what, bytes.subarray(place)]);
    case "delete":
      return Buffer.concat([before, bytes.subarray(place + Math.ceil(mutation.share * bytes.length))]);
    case "repeat": {
      const run = bytes.subarray(place, place + Math.ceil(mutation.share * bytes.length));
      return Buffer.concat([before, ...Array<Buffer>(mutation.times).fill(run), bytes.subarray(place)]);
    }
    case "splice": {
      const other = corpus[mutation.other % corpus.length] ?? bytes;
      return Buffer.concat([before, other.subarray(Math.floor(mutation.from * other.length))]);
    }
  }
}
