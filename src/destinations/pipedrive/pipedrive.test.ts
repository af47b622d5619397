import { describe, expect, test } from "vitest";
import { aConsent, aLead, aMoment } from "../../../test/support/a-lead.ts";
import type { Json } from "../../model/json.ts";
import { convert, inVersion1 } from "./convert.ts";
import { limitWaitMs, verdict } from "./errors.ts";
import { noteContent } from "./note.ts";
import { type Options, options } from "./options.ts";
import { matcherOf } from "./phones.ts";
import { pipedrive } from "./pipedrive.ts";
import { place } from "./placing.ts";
import { progressOf } from "./progress.ts";
import { bodyOfVersion1, bodyOfVersion2 } from "./session.ts";
import { warningsOf } from "./warnings.ts";

function theOptions(given: object = {}): Options {
  return options.parse({ apiToken: "token", domain: "acme", ...given });
}

describe("the company's domain", () => {
  test.each([
    "acme",
    "ACME",
    "acme.pipedrive.com",
    "https://acme.pipedrive.com",
    "https://acme.pipedrive.com/pipeline/1",
  ])("may be given as %s", (domain) => {
    expect(theOptions({ domain }).domain).toBe("acme");
  });

  test.each(["", "not a domain", "https://acme.example.com", "-acme"])("is refused as %j", (domain) => {
    expect(options.safeParse({ apiToken: "token", domain }).success).toBe(false);
  });

  test("may be left out only beside a base address", () => {
    expect(options.safeParse({ apiToken: "token" }).success).toBe(false);
    expect(options.safeParse({ apiToken: "token", baseUrl: "https://example.com/" }).success).toBe(true);
  });
});

describe("a verdict", () => {
  const page = "<!DOCTYPE html><html>Error 1015</html>";
  const json = (more: object = {}) => JSON.stringify({ success: false, error: "no", ...more });
  test.each<[number, string, string, string]>([
    [400, json(), "rejected", "rejected"],
    [401, json({ errorCode: 401 }), "blocked", "unauthorized"],
    [402, json(), "blocked", "payment_required"],
    [403, page, "retry", "rate_limited"],
    [403, "", "retry", "rate_limited"],
    [403, json(), "blocked", "forbidden"],
    [403, json({ code: "feature_capping_deals_limit" }), "blocked", "plan_limit"],
    [404, json(), "rejected", "rejected"],
    [404, page, "blocked", "not_found"],
    [408, "", "retry", "timed_out"],
    [410, json(), "blocked", "gone"],
    [429, json(), "retry", "rate_limited"],
    [500, json({ code: "ERR_UNKNOWN" }), "retry", "server_error"],
    [503, page, "retry", "server_error"],
  ])("on %i %s is %s/%s", (status, body, type, code) => {
    const outcome = verdict(new Response(body, { status }), body, aMoment);
    expect(outcome).toMatchObject({ type, reason: { code, status } });
  });

  test.each<[Record<string, string>, number]>([
    [{}, 2_000],
    [{ "retry-after": "7" }, 7_000],
    [{ "x-ratelimit-reset": "2" }, 2_000],
    [{ "x-ratelimit-reset": "Infinity" }, 2_000],
    [{ "retry-after": "1", "x-ratelimit-reset": "2" }, 2_000],
    [{ "retry-after": "3", "x-daily-ratelimit-token-remaining": "120" }, 3_000],
    // 09:30: until 10:00, whatever a retry-after says.
    [{ "retry-after": "3", "x-daily-ratelimit-token-remaining": "0" }, 30 * 60_000],
  ])("after a 429 with %j waits %i ms", (headers, expected) => {
    expect(limitWaitMs(new Response("", { status: 429, headers }), aMoment)).toBe(expected);
  });
});

describe("a form's value", () => {
  const options = [
    { id: 11, label: "Small" },
    { id: 12, label: "Large, very" },
  ];
  test.each<[string, Json, Json]>([
    ["double", "1,200", 1200],
    ["double", "€ 30", 30],
    ["varchar", "01234", "01234"],
    ["varchar", ["a", "b"], "a, b"],
    ["phone", "+442079460018", "+442079460018"],
    ["date", "2026-11-24T09:30:00Z", "2026-11-24"],
    ["time", "9:05", { value: "09:05:00" }],
    ["enum", "small", 11],
    ["enum", "12", 12],
    ["enum", "Large, very", 12],
    ["set", "Large, very", [12]],
    ["set", "small;small", [11]],
    ["set", ["Small", "Large, very"], [11, 12]],
    ["address", "1 High Street", { value: "1 High Street" }],
    ["user", "7", 7],
    ["monetary", "1,200", { value: 1200, currency: "EUR" }],
  ])("for a field of type %s: %j becomes %j", (type, value, expected) => {
    expect(convert(value, { type, options }, "EUR")).toEqual({ value: expected });
  });

  test.each<[string, Json]>([
    ["double", "about a thousand"],
    ["date", "24/11/2026"],
    ["time", "noon"],
    ["enum", "Medium"],
    ["set", "Small, Medium"],
    ["user", "Sam"],
    ["timerange", "9-5"],
  ])("for a field of type %s: %j has no place", (type, value) => {
    expect(convert(value, { type, options }, "EUR")).toHaveProperty("problem");
  });

  test("as an amount needs a currency", () => {
    expect(convert("12", { type: "monetary", options: [] })).toEqual({ problem: expect.stringContaining("currency") });
  });

  test("longer than the field is cut without tearing a character", () => {
    const converted = convert("🙂".repeat(300), { type: "varchar", options: [] });
    expect(converted).toEqual({ value: `${"🙂".repeat(254)}…`, cut: true });
  });

  test("goes flat into version 1", () => {
    expect(inVersion1("k", [1, 2])).toEqual({ k: "1,2" });
    expect(inVersion1("k", { value: 5, currency: "EUR" })).toEqual({ k: 5, k_currency: "EUR" });
    expect(inVersion1("k", { value: "09:00:00" })).toEqual({ k: "09:00:00" });
    expect(inVersion1("k", "text")).toEqual({ k: "text" });
  });
});

describe("placing", () => {
  const custom = (code: string, name: string, type = "varchar") => ({ code, name, type, custom: true, options: [] });
  const fields = {
    deal: [custom("k1", "Budget", "double"), custom("k2", "Lead ID"), { ...custom("title", "Title"), custom: false }],
    person: [custom("k3", "Postcode")],
    organization: [custom("k4", "Size")],
  };
  const lead = aLead({ formData: { budget: "12", postcode: "01234", size: "9" } });
  const from = (name: string) => ({ field: `form_data.${name}` });

  test("finds fields by name in any case, by key, and by prefix", () => {
    const map = { "BUDGET ": from("budget"), "person.postcode": from("postcode"), "organisation.k4": from("size") };
    const { placed } = place(lead, theOptions({ map }), fields);
    const places = placed.map(({ entity, code, value }) => [entity, code, value]);
    expect(places).toContainEqual(["deal", "k1", 12]);
    expect(places).toContainEqual(["person", "k3", "01234"]);
    expect(places).toContainEqual(["organization", "k4", "9"]);
    expect(places).toContainEqual(["deal", "k2", lead.id]);
  });

  test("takes what is built in, of leads and of deals", () => {
    const map = { title: from("budget"), value: from("budget"), probability: from("budget") };
    const given = { map, currency: "EUR" };
    const asLead = place(lead, theOptions(given), fields);
    expect(bodyOfVersion1(asLead.placed)).toMatchObject({ title: "12", value: { amount: 12, currency: "EUR" } });
    expect(asLead.unplaced).toContainEqual({ name: "probability", problem: "missing" });
    const asDeal = place(lead, theOptions({ ...given, target: "deal" }), fields);
    expect(bodyOfVersion2(asDeal.placed)).toMatchObject({ value: 12, currency: "EUR", probability: 12 });
  });

  test("warns of its own missing fields in one line, of others by name, and quotes no value", () => {
    const placing = place(lead, theOptions({ map: { Budgt: from("budget") } }), fields);
    const warnings = warningsOf(placing, progressOf(null), { note: true });
    expect(warnings).toHaveLength(2);
    expect(warnings[0]).toContain("leadkeep setup pipedrive");
    expect(warnings[1]).toContain('"Budgt"');
  });

  test("takes a function of the lead", () => {
    const lengthOfName = ({ form_name }: { form_name: string }): number => form_name.length;
    const map = { Budget: lengthOfName };
    expect(place(lead, theOptions({ map }), fields).placed).toContainEqual(
      expect.objectContaining({ code: "k1", value: "Contact".length }),
    );
  });
});

describe("a phone number", () => {
  test.each(["+44 20 7946 0018", "020 7946 0018", "(020) 7946-0018", "0044 20 79460018"])(
    "is recognised in %s",
    async (text) => {
      const { matches, term } = await matcherOf("+442079460018");
      expect([matches(text), term]).toEqual([true, "2079460018"]);
    },
  );

  test.each(["+49 20 79460018", "020 7946 0019", "7946 0018", ""])("is not taken for %j", async (text) => {
    expect((await matcherOf("+442079460018")).matches(text)).toBe(false);
  });
});

describe("the note", () => {
  test("escapes whatever a person typed, and names files instead of writing them out", () => {
    const content = noteContent(
      aLead({
        message: "<script>alert('x')</script>\n& more",
        formData: {
          '"><img src=x>': "y",
          plan: { filename: "plan.pdf", type: "application/pdf", size: 3, base64: "QUJD" },
        },
      }),
      [],
    );
    expect(content).not.toMatch(/<script|<img|QUJD/);
    expect(content).toContain("&#60;script&#62;alert(&#39;x&#39;)&#60;/script&#62;<br>&#38; more");
    expect(content).toContain("(file) plan.pdf");
  });

  test("says what was agreed to, in its wording", () => {
    const content = noteContent(aLead({ consents: [aConsent()] }), []);
    expect(content).toContain("enquiry: granted 2026-11-24T09:30:00.000Z (version 1): “You may answer my enquiry.”");
  });

  test("of a lead too long is cut between parts and still names the lead", () => {
    const lead = aLead({ message: "<".repeat(60_000), formData: { a: "&".repeat(20_000) } });
    const content = noteContent(lead, []);
    expect(content.length).toBeLessThan(140_000);
    expect(content).toContain("cut");
    expect(content.endsWith(`${lead.id} · 2026-11-24T09:30:00.000Z</p>`)).toBe(true);
  });
});

test("the plan is the exact requests for somebody new, the token in a header only", () => {
  const lead = aLead({
    id: "lead_019ab000-0000-7000-8000-000000000000",
    email: "ada@example.com",
    name: "Ada Lovelace",
    company: "Engines",
    formData: { email: "ada@example.com" },
  });
  const requests = pipedrive.definition.plan?.(lead, theOptions(), {
    deliveryId: "dlv_019ab000-0000-7000-8000-000000000000_pipedrive",
    now: aMoment,
  });
  expect(
    requests?.map(({ method, url, body }) => [method, url, body === "" ? null : JSON.parse(body)]),
  ).toMatchInlineSnapshot(`
    [
      [
        "GET",
        "https://acme.pipedrive.com/api/v2/organizations/search?term=Engines&fields=name&exact_match=true&limit=50",
        null,
      ],
      [
        "POST",
        "https://acme.pipedrive.com/api/v2/organizations",
        {
          "name": "Engines",
        },
      ],
      [
        "GET",
        "https://acme.pipedrive.com/api/v2/persons/search?term=ada%40example.com&fields=email&limit=50&exact_match=true",
        null,
      ],
      [
        "POST",
        "https://acme.pipedrive.com/api/v2/persons",
        {
          "custom_fields": {
            "{Latest lead ID}": "lead_019ab000-0000-7000-8000-000000000000",
          },
          "emails": [
            {
              "label": "work",
              "primary": true,
              "value": "ada@example.com",
            },
          ],
          "name": "Ada Lovelace",
          "org_id": "{organization id}",
        },
      ],
      [
        "POST",
        "https://acme.pipedrive.com/api/v1/leads",
        {
          "organization_id": "{organization id}",
          "origin_id": "lead_019ab000-0000-7000-8000-000000000000",
          "person_id": "{person id}",
          "title": "Ada Lovelace: Contact",
          "{Lead ID}": "lead_019ab000-0000-7000-8000-000000000000",
          "{Lead form}": "Contact",
        },
      ],
      [
        "POST",
        "https://acme.pipedrive.com/api/v1/notes",
        {
          "content": "<p><b>Form</b></p><ul><li>email: ada@example.com</li></ul><p>Contact · lead_019ab000-0000-7000-8000-000000000000 · 2026-11-24T09:30:00.000Z</p>",
          "lead_id": "{lead id}",
        },
      ],
    ]
  `);
  expect(requests?.every(({ headers }) => headers["x-api-token"] === "token")).toBe(true);
});
