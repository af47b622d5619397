import { describe, expect, test } from "vitest";
import { outcomeOf } from "./outcome-of.ts";
import { retryAfterMs } from "./retry-after.ts";

const now = Date.UTC(2026, 10, 24, 12, 0, 0);

describe("the default verdict on an HTTP answer", () => {
  test.each([
    [200, "delivered"],
    [201, "delivered"],
    [204, "delivered"],
    [301, "blocked"],
    [302, "blocked"],
    [307, "blocked"],
    [400, "rejected"],
    [401, "blocked"],
    [402, "blocked"],
    [403, "rejected"],
    [404, "rejected"],
    [405, "rejected"],
    [408, "retry"],
    [409, "rejected"],
    [410, "blocked"],
    [413, "rejected"],
    [422, "rejected"],
    [425, "retry"],
    [429, "retry"],
    [500, "retry"],
    [501, "retry"],
    [502, "retry"],
    [503, "retry"],
    [504, "retry"],
    [599, "retry"],
  ])("%i is %s", (status, type) => {
    const body = status === 204 ? null : "x";
    expect(outcomeOf(new Response(body, { status }), now).type).toBe(type);
  });

  test("names the status in a sentence without the body", () => {
    const outcome = outcomeOf(new Response("ada@example.com is unknown", { status: 404 }), now);
    expect(outcome).toEqual({ type: "rejected", reason: { code: "rejected", message: "answered 404", status: 404 } });
  });

  test("takes over Retry-After on 429 and 503", () => {
    const headers = { "retry-after": "120" };
    expect(outcomeOf(new Response("", { status: 429, headers }), now)).toMatchObject({ waitMs: 120_000 });
    expect(outcomeOf(new Response("", { status: 503, headers }), now)).toMatchObject({ waitMs: 120_000 });
  });
});

describe("Retry-After", () => {
  test.each([
    ["120", 120_000],
    ["0", 0],
    [" 7 ", 7_000],
    ["Tue, 24 Nov 2026 12:01:30 GMT", 90_000],
    ["Tue, 24 Nov 2026 11:00:00 GMT", 0],
    ["Tuesday, 24-Nov-26 12:01:30 GMT", 90_000],
    [null, undefined],
    ["", undefined],
    ["soon", undefined],
    ["-5", undefined],
    ["1.5", undefined],
    ["99999999999999", undefined],
    ["12 parsecs", undefined],
  ])("%j is %s ms", (header, expected) => {
    expect(retryAfterMs(header, now)).toBe(expected);
  });
});
