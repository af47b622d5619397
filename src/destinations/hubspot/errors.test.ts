import { describe, expect, test } from "vitest";
import type { Answer } from "./api.ts";
import { existingId, propertyErrors, verdict } from "./errors.ts";

const now = Date.UTC(2026, 10, 24, 12, 40);

function anAnswer(status: number, body: unknown = {}, headers: Record<string, string> = {}): Answer {
  return { response: new Response("", { status, headers }), status, ok: status < 300, body };
}

describe("properties an error names", () => {
  const embedded = `Property values were not valid: [{"isValid":false,"message":"Property \\"x\\" does not exist","error":"PROPERTY_DOESNT_EXIST","name":"x"}]`;

  test.each([
    [
      "listed",
      { errors: [{ message: "m", code: "INVALID_OPTION", context: { propertyName: ["x"] } }] },
      "INVALID_OPTION",
    ],
    ["in the message only", { message: embedded }, "PROPERTY_DOESNT_EXIST"],
    [
      "as a value somebody has",
      {
        message:
          "Cannot set PropertyValueCoordinates{portalId=1, propertyName=x, value=y} on 1. 2 already has that value.",
      },
      "DUPLICATE_VALUE",
    ],
  ])("are found %s", (_, body, code) => {
    expect(propertyErrors(body)).toEqual([{ name: "x", code }]);
  });

  test.each([
    [undefined],
    ["<html>"],
    [{ message: "Property values were not valid: [{broken" }],
    [{ errors: "none" }],
    [null],
  ])("are none in %j", (body) => {
    expect(propertyErrors(body)).toEqual([]);
  });
});

describe("the contact that is there already", () => {
  test("is named by a conflict", () => {
    expect(existingId(anAnswer(409, { message: "Contact already exists. Existing ID: 6001" }))).toBe("6001");
  });

  test("is the second id of the other wording", () => {
    const message =
      "Cannot set PropertyValueCoordinates{portalId=1, objectTypeId=ObjectTypeId{legacyObjectType=CONTACT}, propertyName=email, value=x@example.com} on 552148386511. 552239500007 already has that value.";
    expect(existingId(anAnswer(400, { message }))).toBe("552239500007");
  });

  test("is not made up", () => {
    expect(existingId(anAnswer(409, { message: "Conflict" }))).toBeNull();
    expect(existingId(anAnswer(500, { message: "Existing ID: 1" }))).toBeNull();
  });
});

describe("the wait after 429", () => {
  test.each([
    [{ policyName: "TEN_SECONDLY_ROLLING" }, {}, 10_000],
    [{ message: "You have reached your secondly limit." }, {}, 1_000],
    [{ policyName: "DAILY" }, {}, 20 * 60_000],
    [undefined, {}, 10_000],
    [{ policyName: "TEN_SECONDLY_ROLLING" }, { "retry-after": "30" }, 30_000],
  ])("is read from the policy: %j %j", (body, headers, waitMs) => {
    expect(verdict(anAnswer(429, body, headers), now)).toMatchObject({
      type: "retry",
      reason: { code: "rate_limited" },
      waitMs,
    });
  });
});

test.each([
  [400, "rejected"],
  [401, "blocked"],
  [404, "rejected"],
  [414, "rejected"],
  [423, "retry"],
  [477, "retry"],
  [502, "retry"],
  [504, "retry"],
  [521, "retry"],
  [522, "retry"],
  [526, "retry"],
])("%i is %s", (status, type) => {
  expect(verdict(anAnswer(status), now).type).toBe(type);
});

test("477 waits as long as HubSpot says, in seconds", () => {
  expect(verdict(anAnswer(477, {}, { "retry-after": "3600" }), now)).toMatchObject({ waitMs: 3_600_000 });
});
