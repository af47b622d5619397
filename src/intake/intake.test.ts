import { describe, expect, test } from "vitest";
import * as z from "zod";
import { anIntake, aRequest, formHeaders, jsonHeaders } from "../../test/support/intake.ts";
import { LedgerUnavailable } from "../model/errors.ts";
import { isLeadId } from "../model/id.ts";
import type { IntakeReply } from "./intake-request.ts";

const ann = { email: "ann@example.com" };
const problem = (reply: IntakeReply) => JSON.parse(reply.body);

describe("accepting", () => {
  test("JSON is answered 202 with the id of the lead on record", async () => {
    const intake = anIntake();
    const reply = await intake.post({ body: ann });
    expect(reply).toMatchObject({
      status: 202,
      headers: { "content-type": "application/json", "cache-control": "no-store" },
    });
    const { lead_id, ...rest } = problem(reply);
    expect(rest).toEqual({ state: "accepted" });
    expect(isLeadId(lead_id)).toBe(true);
    expect(intake.entries.map(({ lead }) => lead.id)).toEqual([lead_id]);
    expect(intake.woken).toEqual([lead_id]);
  });

  test("a form post is answered 303, or 202 when it asks for JSON", async () => {
    const body = "email=ann%40example.com";
    const reply = await anIntake().post({ headers: formHeaders, body });
    expect(reply).toMatchObject({
      status: 303,
      headers: { location: "/f/contact/thanks", "cache-control": "no-store" },
    });
    const asking = { ...formHeaders, accept: "text/html, application/json" };
    expect((await anIntake().post({ headers: asking, body })).status).toBe(202);
  });

  test("_redirect and thanks say where a browser goes", async () => {
    const intake = anIntake({ thanks: "https://example.com/thanks" });
    const to = async (body: string) => (await intake.post({ headers: formHeaders, body })).headers.location;
    expect(await to("email=ann@example.com&_redirect=/done")).toBe("/done");
    expect(await to("email=ann@example.com&_redirect=//evil.example")).toBe("https://example.com/thanks");
  });

  test("a repeated key gives the same reply and no second lead", async () => {
    const intake = anIntake();
    const headers = { ...jsonHeaders, "idempotency-key": '"k-1"' };
    const first = await intake.post({ headers, body: ann });
    expect(await intake.post({ headers, body: { email: "other@example.com" } })).toEqual(first);
    expect(await intake.post({ body: { ...ann, _key: "k-1" } })).toEqual(first);
    expect(intake.entries).toHaveLength(1);
    expect(intake.woken).toHaveLength(1);
  });

  test("the header's key goes before _key, and without either every post is its own lead", async () => {
    const intake = anIntake();
    await intake.post({ headers: { ...jsonHeaders, "idempotency-key": "header" }, body: { ...ann, _key: "field" } });
    await intake.post({ body: ann });
    await intake.post({ body: ann });
    expect(intake.entries.map(({ key }) => key)).toEqual(["hash of header", null, null]);
  });

  test("lanes that cannot be woken do not spoil the reply", async () => {
    const intake = anIntake(
      {},
      {
        accepted: () => {
          throw new Error("lane");
        },
      },
    );
    expect((await intake.post({ body: ann })).status).toBe(202);
  });
});

describe("the lead", () => {
  test("keeps all fields as typed and reads the well-known ones", async () => {
    const body = {
      "E-Mail": " Ann@Example.com",
      fullName: "Ann van Example",
      Organisation: " Acme ",
      message: " Hi\n",
      budget: 5,
      _key: "k",
      _other: "x",
    };
    const lead = await anIntake().lead({
      headers: { ...jsonHeaders, "user-agent": "u".repeat(2_000) },
      body: { ...body, timezone: "Europe/Oslo" },
    });
    const { _key, _other, ...typed } = body;
    expect(lead).toMatchObject({
      state: "active",
      form: "contact",
      formName: "Contact",
      receivedAt: 1_700_000_000_000,
      email: "ann@example.com",
      firstName: "Ann",
      lastName: "van Example",
      company: "Acme",
      message: " Hi\n",
      timezone: "Europe/Oslo",
      ipAddress: "hash of 203.0.113.7",
      person: "key of ann@example.com",
      userAgent: "u".repeat(1_024),
    });
    expect(lead.formData).toEqual({ ...typed, timezone: "Europe/Oslo" });
  });

  test("is known as a person by the phone when there is no e-mail", async () => {
    expect((await anIntake().lead({ body: { phone: "020 7946 0958" } })).person).toBe("key of +442079460958");
  });

  test("has no address when none is known, and no time zone past 64 characters", async () => {
    const lead = await anIntake().lead({ address: null, body: { ...ann, timezone: "x".repeat(65) } });
    expect(lead).toMatchObject({ ipAddress: null, timezone: null });
  });

  test("carries attribution and consent of the page it came from", async () => {
    const headers = { ...formHeaders, referer: "https://example.com/quote?utm_source=mail" };
    const lead = await anIntake().lead({ headers, body: "email=ann@example.com&consent=on&_consent_text=Yes." });
    expect(lead.attribution).toMatchObject({ from: "referer", parameters: { utm_source: "mail" } });
    expect(lead.consents).toMatchObject([
      { purpose: "enquiry", text: "Yes.", pageUrl: headers.referer, at: lead.receivedAt },
    ]);
  });

  test("is withheld from destinations whose consent is missing, with the reason", async () => {
    const intake = anIntake();
    await intake.post({ body: ann });
    await intake.post({ body: { ...ann, consent: true } });
    expect(
      intake.entries.map(({ deliveries }) =>
        deliveries.map(({ destination, state, reason }) => [destination, state, reason?.code]),
      ),
    ).toEqual([
      [
        ["crm", "withheld", "no_consent"],
        ["mail-team", "pending", undefined],
      ],
      [
        ["crm", "pending", undefined],
        ["mail-team", "pending", undefined],
      ],
    ]);
  });
});

describe("refusing", () => {
  test.each([
    ["another method", { method: "GET" }, 405, "method_not_allowed"],
    ["another method on an unknown form", { method: "DELETE", form: "nope" }, 405, "method_not_allowed"],
    ["an unknown form", { form: "nope" }, 404, "unknown_form"],
    [
      "another type",
      { headers: { "content-type": "text/plain", accept: "application/json" } },
      415,
      "unsupported_type",
    ],
    [
      "JSON in another charset",
      { headers: { "content-type": "application/json; charset=latin1" } },
      415,
      "unsupported_type",
    ],
    ["a length over the limit", { headers: { ...jsonHeaders, "content-length": "262145" } }, 413, "too_large"],
    ["a body over the limit", { read: { type: "too_large" } }, 413, "too_large"],
    ["a body that takes too long", { read: { type: "timed_out" } }, 408, "too_slow"],
    ["a body that broke off", { read: { type: "aborted" } }, 400, "malformed"],
    ["a body that is not JSON", { body: "{" }, 400, "malformed"],
    ["an unusable key", { headers: { ...jsonHeaders, "idempotency-key": "" }, body: ann }, 400, "malformed"],
    ["no way to reach the person", { body: { name: "Ann" } }, 422, "invalid"],
  ] as const)("%s is refused and nothing recorded", async (_, given, status, code) => {
    const intake = anIntake();
    const reply = await intake.post(given);
    expect(reply).toMatchObject({
      status,
      headers: { "content-type": "application/problem+json", "cache-control": "no-store" },
    });
    expect(problem(reply)).toMatchObject({
      type: "about:blank",
      status,
      code,
      title: expect.any(String),
      detail: expect.any(String),
    });
    expect(intake.entries).toEqual([]);
  });

  test("405 says which methods are allowed", async () => {
    expect((await anIntake().post({ method: "PUT" })).headers.allow).toBe("POST, OPTIONS");
  });

  test("a length over the limit is refused before the body is read", async () => {
    const request = aRequest({ headers: { ...jsonHeaders, "content-length": "11" } });
    const reading = { ...request, readBody: () => Promise.reject(new Error("was read")) };
    expect((await anIntake({}, { maxBodyBytes: 10 }).receive(reading)).status).toBe(413);
  });

  test("an empty post without a type is an empty form", async () => {
    expect((await anIntake().post({ headers: {} })).status).toBe(422);
    expect((await anIntake().post({ headers: {}, body: "x" })).status).toBe(415);
  });

  test("an unavailable ledger is 503 with Retry-After", async () => {
    const accept = async () => {
      throw new LedgerUnavailable("disk full at /secret/path");
    };
    const reply = await anIntake({}, { ledger: { accept } }).post({ body: ann });
    expect(reply).toMatchObject({ status: 503, headers: { "retry-after": "5" } });
    expect(reply.body).not.toContain("secret");
    expect(problem(reply).code).toBe("ledger_unavailable");
  });

  test("anything unexpected is 500 without what was thrown, which the log is told", async () => {
    const causes: unknown[] = [];
    const thrown = new Error("password=hunter2");
    const options = {
      ledger: { accept: () => Promise.reject(thrown) },
      warn: (_: string, __: string, cause: unknown) => causes.push(cause),
    };
    const reply = await anIntake({}, options).post({ body: ann });
    expect(problem(reply)).toMatchObject({ status: 500, code: "internal" });
    expect(reply.body).not.toMatch(/hunter2| at /);
    expect(causes).toEqual([thrown]);
  });
});

describe("origins", () => {
  const form = { origins: ["https://example.com"] };

  test("a listed origin may post and read every reply, refusals too", async () => {
    const headers = { ...jsonHeaders, origin: "https://example.com" };
    for (const body of [ann, {}]) {
      expect((await anIntake(form).post({ headers, body })).headers).toMatchObject({
        "access-control-allow-origin": "https://example.com",
        vary: "Origin",
      });
    }
  });

  test("another origin is refused 403 without CORS headers, before anything is read", async () => {
    const reply = await anIntake(form).post({ headers: { ...jsonHeaders, origin: "https://evil.example" }, body: "{" });
    expect(problem(reply).code).toBe("origin_refused");
    expect(reply.headers).not.toHaveProperty("access-control-allow-origin");
  });

  test("a preflight is answered 204 with what is allowed", async () => {
    const headers = { origin: "https://example.com" };
    expect(await anIntake(form).post({ method: "OPTIONS", headers })).toEqual({
      status: 204,
      headers: {
        "cache-control": "no-store",
        "access-control-allow-origin": "https://example.com",
        vary: "Origin",
        "access-control-allow-methods": "POST, OPTIONS",
        "access-control-allow-headers": "content-type, accept, idempotency-key",
        "access-control-max-age": "86400",
      },
      body: "",
    });
    expect((await anIntake(form).post({ method: "OPTIONS", headers: { origin: "https://evil.example" } })).status).toBe(
      403,
    );
  });
});

describe("a form's own schema", () => {
  const fields = z.object({
    message: z.string("Write a message.").min(3, "Too short."),
    address: z.object({ zip: z.string("Give a postcode.") }).optional(),
  });

  test("its issues are named by field, and contact errors with them", async () => {
    const reply = await anIntake({ fields }).post({ body: { email: "x", message: "a", address: {} } });
    expect(problem(reply).errors).toEqual([
      { field: "email", message: "Enter an e-mail address like name@example.com." },
      { field: "message", message: "Too short." },
      { field: "address", message: "Give a postcode." },
    ]);
  });

  test("the lead keeps what was typed, not what the schema made of it", async () => {
    const trimming = z.object({ message: z.string().trim() });
    const lead = await anIntake({ fields: trimming }).lead({ body: { ...ann, message: " hi ", extra: "1" } });
    expect(lead.formData).toEqual({ ...ann, message: " hi ", extra: "1" });
  });

  test("it may be asynchronous", async () => {
    const asynchronous = z.object({ message: z.string().refine(async () => false, "No.") });
    expect((await anIntake({ fields: asynchronous }).post({ body: { ...ann, message: "m" } })).status).toBe(422);
  });

  test("a schema that throws costs no lead, and the log is told", async () => {
    const codes: string[] = [];
    const throwing = z.any().refine(() => {
      throw new Error("bug");
    });
    const intake = anIntake({ fields: throwing }, { warn: (code) => codes.push(code) });
    expect((await intake.post({ body: ann })).status).toBe(202);
    expect(intake.entries).toHaveLength(1);
    expect(codes).toEqual(["schema_failed"]);
  });
});
