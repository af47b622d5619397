import { describe, expect, test } from "vitest";
import { captchaQuestion, captchaVerdict, providers, type RemoteCaptcha } from "./captcha.ts";

const settings = { secret: "the secret", url: "https://captcha.example.com/siteverify" };
const captchas: readonly RemoteCaptcha[] = [
  { type: "turnstile", ...settings },
  { type: "hcaptcha", ...settings },
  { type: "recaptcha", ...settings, minScore: 0.5 },
];
/** What each provider's page says of a token that is too old, and of one that came before. */
const oldOnes = {
  turnstile: ["timeout-or-duplicate"],
  hcaptcha: ["expired-input-response", "already-seen-response", "invalid-or-already-seen-response"],
  recaptcha: ["timeout-or-duplicate"],
};
const failure = (code: string) => ({ success: false, "error-codes": [code] });

describe.for(captchas.map((captcha) => [captcha.type, captcha] as const))("%s", ([type, captcha]) => {
  const verdict = (answer: unknown, status = 200, origins: string[] = []) => {
    const told = captchaVerdict(captcha, status, answer, origins);
    return told.type === "failed" ? told.reason.code : told.type === "unknown" ? told.cause : told.type;
  };

  test("a token it knows passes, a wrong one does not", () => {
    expect(verdict({ success: true })).toBe("passed");
    expect(verdict(failure("invalid-input-response"))).toBe("captcha_failed");
    expect(verdict({ success: false })).toBe("captcha_failed");
  });

  test("a token that is too old or was used before is told apart from one that is wrong", () => {
    expect(oldOnes[type].map((code) => verdict(failure(code)))).toEqual(oldOnes[type].map(() => "captcha_expired"));
  });

  test("what is no verdict is none: down, too many questions, a page of a proxy", () => {
    expect([null, {}, [true], { success: "true" }, "<html>"].map((answer) => verdict(answer, 502))).toEqual(
      Array<string>(5).fill("down"),
    );
    expect([verdict(null, 429), verdict(failure("internal-error"))]).toEqual(["down", "down"]);
  });

  test("a secret it does not know is nobody's fault who sends a form", () => {
    for (const code of ["missing-input-secret", "invalid-input-secret", "sitekey-secret-mismatch"])
      expect(verdict(failure(code))).toBe("misconfigured");
    expect(verdict(null, 401)).toBe("misconfigured");
  });

  test("a token given out on another site does not pass where the form's own are known", () => {
    const origins = ["https://www.example.org", "https://example.org:8443"];
    const from = (hostname: unknown, known = origins) => verdict({ success: true, hostname }, 200, known);
    expect(["www.example.org", "EXAMPLE.org", undefined].map((host) => from(host))).toEqual(
      Array<string>(3).fill("passed"),
    );
    expect(["farm.example.net", "www.example.org.example.net", ""].map((host) => from(host))).toEqual(
      Array<string>(3).fill("captcha_elsewhere"),
    );
    expect(from("farm.example.net", [])).toBe("passed");
    // Its keys for tests.
    expect(["example.com", "testkey.google.com"].map((host) => from(host))).toEqual(["passed", "passed"]);
  });

  test("the question has the secret and the token, and nothing of the visitor", () => {
    const names = [...captchaQuestion(captcha, "a token", "a uuid").keys()].filter(
      (name) => name !== "idempotency_key",
    );
    expect(names).toEqual(["secret", "response"]);
    expect(providers[type].url).toMatch(/^https:/);
  });
});

test("a token for another action does not pass where one is configured", () => {
  for (const captcha of captchas.filter(({ type }) => type !== "hcaptcha")) {
    const verdict = (action: unknown) =>
      captchaVerdict({ ...captcha, action: "contact" }, 200, { success: true, action });
    expect([verdict("contact"), verdict(undefined)]).toEqual([{ type: "passed" }, { type: "passed" }]);
    expect(verdict("login")).toMatchObject({ type: "failed", reason: { code: "captcha_elsewhere" } });
    expect(captchaVerdict(captcha, 200, { success: true, action: "login" })).toEqual({ type: "passed" });
  }
});

test("a low score of version 3 does not pass, and version 2 has none", () => {
  const captcha = { type: "recaptcha", ...settings, minScore: 0.5 } as const;
  const verdict = (score?: number) => captchaVerdict(captcha, 200, { success: true, score }).type;
  expect([verdict(0.4), verdict(0.5), verdict()]).toEqual(["failed", "passed", "passed"]);
});
