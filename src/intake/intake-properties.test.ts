import fc from "fast-check";
import { expect, test } from "vitest";
import { anIntake, formHeaders } from "../../test/support/intake.ts";

const statuses = [202, 204, 303, 400, 403, 404, 405, 408, 413, 415, 422];

const contentType = fc.oneof(
  fc.constantFrom(
    "application/json",
    "application/json; charset=utf-16",
    "application/x-www-form-urlencoded",
    "application/x-www-form-urlencoded; charset=windows-1252",
    "application/x-www-form-urlencoded; charset=utf-16",
    "multipart/form-data; boundary=X",
    "multipart/form-data",
    "text/plain",
    "",
  ),
  fc.string(),
);
const text = fc.string({ unit: "binary", maxLength: 40 });
const name = fc.oneof(
  fc.constantFrom(
    "email",
    "phone",
    "name",
    "consent",
    "_key",
    "_redirect",
    "_attribution",
    "_consent",
    "_consent_text",
  ),
  fc.constantFrom("__proto__", "constructor", "toString", "a[]", "page_url", "utm_source", "ScCid", "timezone"),
  text,
);
const value = fc.oneof(
  text,
  fc.emailAddress(),
  fc.webUrl({ withQueryParameters: true }),
  fc.json(),
  fc.jsonValue({ maxDepth: 5 }),
);
const fields: fc.Arbitrary<[string, unknown][]> = fc.array(fc.tuple(name, value), { maxLength: 12 });
/** `String` would call a drawn object's own `toString`. */
const asText = (item: unknown) => (typeof item === "string" ? item : JSON.stringify(item));
const encoder = (pairs: [string, unknown][]) =>
  new URLSearchParams(pairs.map(([key, item]): [string, string] => [key, asText(item)]));
const part = ([key, item]: [string, unknown]) =>
  `--X\r\nContent-Disposition: form-data; name="${key}"\r\n\r\n${asText(item)}\r\n`;
const reachable = fc
  .tuple(fields, fc.emailAddress())
  .map(([pairs, email]): [string, unknown][] => [...pairs.filter(([key]) => key !== "email"), ["email", email]]);
const json = (pairs: [string, unknown][]) => JSON.stringify(Object.fromEntries(pairs));
const urlencoded = (pairs: [string, unknown][]) => encoder(pairs).toString();
const multipart = (pairs: [string, unknown][]) => `${pairs.map(part).join("")}--X--\r\n`;

const typed = (type: string, write: (pairs: [string, unknown][]) => string) =>
  fc.record({ type: fc.constant(type), body: fc.oneof(fields, reachable).map(write) });
const post: fc.Arbitrary<{ type: string; body: unknown }> = fc.oneof(
  fc.record({ type: contentType, body: fc.oneof(fc.uint8Array({ maxLength: 300 }), text) }),
  fc.record({
    type: contentType,
    body: fields.chain((pairs) => fc.constantFrom(json(pairs), urlencoded(pairs), multipart(pairs))),
  }),
  typed("application/json", json),
  typed("application/x-www-form-urlencoded", urlencoded),
  typed("multipart/form-data; boundary=X", multipart),
);
const header = fc.option(fc.oneof(text, fc.webUrl(), fc.constantFrom("null", "application/json", "text/html")), {
  freq: 2,
});

test("any bytes under any headers get one well-formed reply, and thanks only for exactly one recorded lead", async () => {
  const origins = fc.constantFrom<string[][]>([], [], ["https://example.com"]);
  await fc.assert(
    fc.asyncProperty(
      post,
      header,
      header,
      header,
      header,
      origins,
      async ({ type, body }, accept, origin, referer, key, listed) => {
        const headers = Object.entries({ "content-type": type, accept, origin, referer, "idempotency-key": key });
        const given = Object.fromEntries(headers.filter((entry): entry is [string, string] => entry[1] !== null));
        const intake = anIntake({ origins: listed });
        const reply = await intake.post({ headers: given, body });
        expect(statuses).toContain(reply.status);
        expect(intake.entries).toHaveLength(reply.status === 202 || reply.status === 303 ? 1 : 0);
        expect(() => new Headers(reply.headers)).not.toThrow();
        expect(reply.body).not.toMatch(/node:internal|\.ts:\d+/);
        const kind = reply.headers["content-type"] ?? "";
        if (kind.includes("json")) expect(JSON.parse(reply.body)).toBeTypeOf("object");
        else if (kind.startsWith("text/html")) expect(reply.body).toMatch(/^<!doctype html>[\s\S]*<\/html>\n$/);
        else expect(reply.body).toBe("");
        if (reply.headers.location) expect(reply.headers.location).toMatch(/^(?:https?:\/\/|\/(?![/\\]))[\x21-\x7e]*$/);
      },
    ),
    { numRuns: 1_500 },
  );
});

const plainName = text.filter(
  (key) => !key.includes("\0") && !key.startsWith("_") && !key.endsWith("[]") && key !== "email",
);
const plainText = text.filter((item) => !item.includes("\0"));

/** Integers that JavaScript's numbers do not hold exactly are kept as the text they were sent as. */
function asKept(_: string, value: unknown): unknown {
  const sent = typeof value === "number" ? String(value) : "";
  return typeof value === "number" && /^-?\d+$/.test(sent) && BigInt(sent) !== BigInt(value) ? sent : value;
}

test("whatever fields are sent as JSON come back unchanged, inexact integers as text", async () => {
  const sent = fc.dictionary(plainName, fc.jsonValue({ stringUnit: "grapheme", maxDepth: 8 }), {
    noNullPrototype: true,
  });
  await fc.assert(
    fc.asyncProperty(sent, async (data) => {
      const body = JSON.parse(JSON.stringify({ ...data, email: "ann@example.com" }));
      fc.pre(!JSON.stringify(body).match(/\\u0000|__proto__/));
      const expected = JSON.parse(JSON.stringify(body), asKept);
      expect((await anIntake().lead({ body })).formData).toStrictEqual(expected);
    }),
  );
});

test("whatever fields are sent as a form come back unchanged, repeated ones as lists", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(plainName, plainText), { maxLength: 12 }), async (pairs) => {
      const sent = encoder([...pairs, ["email", "ann@example.com"]]);
      const expected = Object.fromEntries(
        [...new Set(sent.keys())].map((key) => {
          const values = sent.getAll(key);
          return [key, values.length > 1 ? values : values[0]];
        }),
      );
      expect((await anIntake().lead({ headers: formHeaders, body: sent.toString() })).formData).toStrictEqual(expected);
    }),
  );
});
