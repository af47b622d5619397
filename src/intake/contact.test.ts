import { describe, expect, test } from "vitest";
import type { JsonObject } from "../model/json.ts";
import { readContact } from "./contact.ts";
import { indexFields } from "./field-index.ts";

const read = (fields: JsonObject, country = "GB") => readContact(indexFields(fields), country);

describe("e-mail", () => {
  test.each(["email", "Email", "e-mail", "E_Mail", "eMail", "mail", "email_address", "emailAddress"])(
    "is read from a field called %s",
    async (field) => {
      expect((await read({ [field]: "ann@example.com" })).email).toBe("ann@example.com");
    },
  );

  test.each([
    [" Ann@Example.COM ", "ann@example.com"],
    ["\u200bann@\u00adexample.com\ufeff", "ann@example.com"],
    ["jose\u0301@example.com", "jos\u00e9@example.com"],
    ["o'brien+tag#1/%@example.com", "o'brien+tag#1/%@example.com"],
    ["\u5c71\u7530@\u4f8b\u3048.example", "\u5c71\u7530@\u4f8b\u3048.example"],
  ])("%j is kept as %j", async (typed, kept) => {
    expect((await read({ email: typed })).email).toBe(kept);
  });

  test.each([
    "ann",
    "ann@",
    "@example.com",
    "a@b",
    "a@@example.com",
    "a@b@example.com",
    "a b@example.com",
    "a@.example.com",
    "a@example..com",
    "a@example.com.",
    "a@x.com,b@y.com",
    "Ann <ann@example.com>",
    "a\u0001@example.com",
    `${"a".repeat(320)}@example.com`,
  ])("%j is not plausible", async (typed) => {
    expect(await read({ email: typed })).toMatchObject({ email: null, errors: [{ field: "email" }] });
  });

  test("a long hostile text is judged at once", async () => {
    expect((await read({ email: "a.".repeat(500_000) })).email).toBeNull();
  });

  test("the first usable one of several wins", async () => {
    expect((await read({ mail: "second@example.com", email: "first@example.com" })).email).toBe("first@example.com");
    expect((await read({ email: ["", "list@example.com"] })).email).toBe("list@example.com");
    expect((await read({ email: "n/a", mail: "good@example.com" })).email).toBe("good@example.com");
  });
});

describe("phone", () => {
  test.each(["phone", "tel", "Telephone", "mobile", "phone-number"])(
    "is read from a field called %s",
    async (field) => {
      expect((await read({ [field]: "+44 20 7946 0958" })).phone).toBe("+442079460958");
    },
  );

  test.each([
    ["020 7946 0958", "GB", "+442079460958"],
    ["0043 1 534 230", "DE", "+431534230"],
    ["(202) 555-0143 ext 5", "US", "+12025550143"],
    ["12345", "GB", "12345"],
    [" ring 555 12 12345678901234567890 ", "GB", "ring 555 12 12345678901234567890"],
    ["020 7946 0958", "nowhere", "020 7946 0958"],
  ])("%j from %s is kept as %j", async (typed, country, kept) => {
    expect((await read({ phone: typed }, country)).phone).toBe(kept);
  });

  test("a number given as a number is read", async () => {
    expect((await read({ phone: 442079460958 })).phone).toBe("+442079460958");
  });

  test("text with fewer than five digits is no phone number", async () => {
    expect((await read({ phone: "call 1234" })).errors).toMatchObject([{ field: "phone" }]);
  });
});

describe("a way to reach the person", () => {
  test("an implausible e-mail beside a usable phone is no error", async () => {
    expect(await read({ email: "n/a", phone: "+442079460958" })).toEqual({
      email: null,
      phone: "+442079460958",
      errors: [],
    });
  });

  test("implausible values are named under the names they were sent by", async () => {
    expect((await read({ "E-Mail": "ann", Tel: "12" })).errors.map(({ field }) => field)).toEqual(["E-Mail", "Tel"]);
  });

  test("nothing given is an error of the field email", async () => {
    expect((await read({ email: " ", phone: "" })).errors).toEqual([
      { field: "email", message: "Enter an e-mail address or a phone number, so that we can reach you." },
    ]);
  });
});
