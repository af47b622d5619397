import { createHash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { altcha, recaptcha } from "../../src/config/screens.ts";
import { captchaChecks } from "../../src/gateway.ts";
import type { AltchaChallenge } from "../../src/intake/screens/altcha.ts";
import type { Screening } from "../../src/model/lead.ts";
import { startSandbox } from "../../src/sandbox/index.ts";
import { aGateway, aPerson, type TestGateway, type TestGatewayOptions } from "../support/a-gateway.ts";
import { until } from "../support/until.ts";

const providers = [
  ["turnstile", "TURNSTILE", "cf-turnstile-response"],
  ["hcaptcha", "HCAPTCHA", "h-captcha-response"],
  ["recaptcha", "RECAPTCHA", "g-recaptcha-response"],
] as const;

async function aCaptcha(type: (typeof providers)[number][0], options: TestGatewayOptions = {}) {
  const sandbox = await startSandbox();
  onTestFinished(() => sandbox.close());
  const [, name, field] = providers.find(([one]) => one === type) ?? providers[0];
  const variables = {
    [`${name}_SECRET_KEY`]: "captcha-secret",
    [`${name}_BASE_URL`]: sandbox.vendors[type].url,
    CRM_WEBHOOK_URL: sandbox.vendors.webhook.url,
    ...options.variables,
  };
  const start = async () => {
    const gateway = await aGateway({ ...options, variables });
    onTestFinished(() => gateway.close());
    return gateway;
  };
  return { sandbox, vendor: sandbox.vendors[type], field, start, gateway: await start() };
}

/** The lead's screening once its captcha is settled; null when nothing is left to say. */
async function settled(gateway: TestGateway, lead: string): Promise<{ state: string; screening: Screening | null }> {
  return until(async () => {
    const { state, screening = null } = (await gateway.record(lead)).lead;
    return screening?.awaiting === undefined && { state, screening };
  });
}

function codes({ screening }: { screening: Screening | null }): string[] {
  return screening?.reasons.map(({ code }) => code) ?? [];
}

describe.for(providers)("%s", ([type]) => {
  test("a good token lets the lead go on after its reply, and leaves no trace of itself", async () => {
    const { gateway, field, vendor, sandbox } = await aCaptcha(type);
    const lead = await gateway.post(aPerson({ [field]: "pass-1" }));
    await gateway.delivery(lead, "webhook", "delivered");
    expect(await settled(gateway, lead)).toEqual({ state: "active", screening: null });
    expect((await gateway.record(lead)).lead.formData).not.toHaveProperty(field);
    expect(vendor.received.map(({ body }) => body).join()).not.toContain("127.0.0.1");
    expect(sandbox.vendors.webhook.received.map(({ body }) => body).join()).not.toContain("pass-1");
  });

  test("a bad, an old and a missing token are quarantined, each with its reason, and thanked like any other", async () => {
    const { gateway, field } = await aCaptcha(type);
    const old = `pass-at-${Date.now() - 3_600_000}-1`;
    const leads = [
      await gateway.post(aPerson({ [field]: "fail-1" })),
      await gateway.post(aPerson({ [field]: old })),
      await gateway.post(aPerson()),
    ];
    const ends = await Promise.all(leads.map((lead) => settled(gateway, lead)));
    expect(ends.map(({ state }) => state)).toEqual(["quarantined", "quarantined", "quarantined"]);
    expect(ends.map(codes)).toEqual([["captcha_failed"], ["captcha_expired"], ["captcha_missing"]]);
  });

  test("one token lets one lead go on", async () => {
    const { gateway, field } = await aCaptcha(type);
    const leads = [
      await gateway.post(aPerson({ [field]: "pass-1" })),
      await gateway.post(aPerson({ [field]: "pass-1" })),
    ];
    const states = (await Promise.all(leads.map((lead) => settled(gateway, lead)))).map(({ state }) => state);
    expect(states.sort()).toEqual(["active", "quarantined"]);
  });

  test("the doctor tells a good secret from a wrong one", async () => {
    const { gateway, vendor } = await aCaptcha(type);
    const look = () =>
      captchaChecks(gateway.gateway.options, { fetch: (url, init) => fetch(url, init as RequestInit) });
    expect(await look()).toMatchObject([{ result: "ok" }]);
    vendor.settings.secret = "another";
    expect(await look()).toMatchObject([{ result: "problem", detail: expect.stringContaining("not accepted") }]);
  });
});

test("no visitor waits for a provider that hangs, and the token is asked about again", async () => {
  const { gateway, field, vendor } = await aCaptcha("turnstile");
  vendor.setFault({ type: "hang", applied: true, times: 1 });
  const lead = await gateway.post(aPerson({ [field]: "pass-1" }));
  await until(() => vendor.received.length === 1);
  expect((await gateway.record(lead)).lead).toMatchObject({
    state: "quarantined",
    screening: { awaiting: "turnstile" },
  });
  // The first question was heard and its answer lost: the second one has the same idempotency key.
  await until(async () => (await settled(gateway, lead)).state === "active");
});

test("a gateway that ended before the provider answered asks again when it starts", async () => {
  const dataFolder = mkdtempSync(join(tmpdir(), "leadkeep-"));
  onTestFinished(() => rmSync(dataFolder, { recursive: true, force: true }));
  const { gateway, field, vendor, start } = await aCaptcha("turnstile", { dataFolder });
  vendor.setFault({ type: "reset", when: "before" });
  const lead = await gateway.post(aPerson({ [field]: "pass-1" }));
  await until(() => vendor.received.length === 1);
  await gateway.close();
  vendor.setFault(null);
  expect(await settled(await start(), lead)).toEqual({ state: "active", screening: null });
});

test("while a provider is away its leads wait in quarantine, and a person can release them", async () => {
  const { gateway, field, vendor } = await aCaptcha("recaptcha");
  vendor.setFault({ type: "status", status: 503 });
  const lead = await gateway.post(aPerson({ [field]: "pass-1" }));
  await until(() => vendor.received.length > 0);
  const { ledger } = gateway.gateway;
  expect(
    await ledger.releaseLeads([lead as `lead_${string}`], {
      now: Date.now(),
      actor: { type: "command", name: "a person" },
    }),
  ).toEqual([lead]);
  await gateway.delivery(lead, "webhook", "delivered");
  expect(await ledger.takeCaptchaChecks({ now: Date.now() + 600_000, leaseUntil: 0, limit: 9 })).toEqual([]);
});

test("other signs of spam outweigh a captcha that passed", async () => {
  const { gateway, field } = await aCaptcha("turnstile");
  const lead = await gateway.post(aPerson({ [field]: "pass-1", reply_subject: "a bot was here" }));
  const end = await settled(gateway, lead);
  expect([end.state, codes(end)]).toEqual(["quarantined", ["honeypot"]]);
});

test("a low score of reCAPTCHA 3 is quarantined, a score above the form's own passes", async () => {
  const forms = { contact: { captcha: recaptcha({ minScore: 0.3 }) } };
  const { gateway, field, vendor } = await aCaptcha("recaptcha", { config: { forms } });
  const ends: string[] = [];
  for (const score of [0.1, 0.4]) {
    vendor.settings.score = score;
    ends.push((await settled(gateway, await gateway.post(aPerson({ [field]: `pass-${score}` })))).state);
  }
  expect(ends).toEqual(["quarantined", "active"]);
});

describe("altcha", () => {
  const forms = {
    contact: { captcha: altcha({ maxNumber: 1_000 }) },
    other: { captcha: altcha({ maxNumber: 1_000 }) },
  };

  async function aTask(form = "contact") {
    const gateway = await aGateway({ config: { forms } });
    onTestFinished(() => gateway.close());
    const answer = await fetch(`${gateway.url}/f/${form}/challenge`, { headers: { origin: "https://example.com" } });
    expect(answer.headers.get("access-control-allow-origin")).toBe("https://example.com");
    return { gateway, challenge: (await answer.json()) as AltchaChallenge };
  }

  function solutionOf({ challenge, salt, maxnumber, ...rest }: AltchaChallenge, changes: object = {}): string {
    const hash = (number: number) => createHash("sha256").update(`${salt}${number}`).digest("hex");
    const number = Array.from({ length: maxnumber + 1 }, (_, i) => i).find((one) => hash(one) === challenge);
    return Buffer.from(JSON.stringify({ ...rest, challenge, salt, number, ...changes })).toString("base64");
  }

  async function judged(gateway: TestGateway, altcha: unknown): Promise<string[]> {
    const { lead } = await gateway.record(await gateway.post(aPerson(altcha === null ? {} : { altcha })));
    expect(lead.formData).not.toHaveProperty("altcha");
    return codes({ screening: lead.screening ?? null });
  }

  test("a solved task passes once", async () => {
    const { gateway, challenge } = await aTask();
    const solved = solutionOf(challenge);
    expect(await judged(gateway, solved)).toEqual([]);
    expect(await judged(gateway, solved)).toEqual(["captcha_repeated"]);
  });

  test("what is missing, wrong, another form's or prolonged does not", async () => {
    const { gateway, challenge } = await aTask();
    const { challenge: others } = { challenge: await (await fetch(`${gateway.url}/f/other/challenge`)).json() };
    const later = challenge.salt.replace(/expires=(\d+)/, (_, at) => `expires=${Number(at) + 9_999}`);
    // Digits moved from the number into the salt: its hash is the same, its time of expiry is not.
    const moved = challenge.salt.replace(/&form=contact&$/, "9");
    for (const given of [
      "nonsense",
      solutionOf(challenge, { number: -1 }),
      solutionOf(challenge, { number: 5_000 }),
      solutionOf(challenge, { salt: later }),
      solutionOf(challenge, { salt: moved }),
      solutionOf(challenge, { signature: "0".repeat(64) }),
      solutionOf(others as AltchaChallenge),
      Buffer.from("null").toString("base64"),
      "A".repeat(10_000),
    ]) {
      expect(await judged(gateway, given)).toEqual(["captcha_failed"]);
    }
    expect(await judged(gateway, null)).toEqual(["captcha_missing"]);
  });
});
