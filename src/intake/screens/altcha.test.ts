import { expect, test } from "vitest";
import { type AltchaChallenge, createAltcha } from "./altcha.ts";

const start = 1_700_000_000_000;

/** Tasks that all have this number, by a clock that is set by hand. */
function someTasks(number = 7, secrets: [string, ...string[]] = ["a secret of the tests"]) {
  const clock = { now: start };
  let serial = 0;
  const altcha = createAltcha(secrets, {
    now: () => clock.now,
    nonce: () => `nonce-${String(++serial).padStart(10, "0")}`,
    draw: () => number,
  });
  const code = (payload: string | null, form = "contact") => altcha.screen(form, payload)?.code ?? "solved";
  return { clock, altcha, code, task: () => altcha.challenge("contact", 1_000) };
}

function solved({ maxnumber: _, ...task }: AltchaChallenge, changes: object = {}): string {
  return Buffer.from(JSON.stringify({ ...task, number: 7, ...changes })).toString("base64");
}

test("a solution is good for an hour", () => {
  const { clock, code, task } = someTasks();
  const [early, late] = [solved(task()), solved(task())];
  clock.now = start + 3_599_000;
  expect(code(early)).toBe("solved");
  clock.now = start + 3_602_000;
  expect(code(late)).toBe("captcha_expired");
});

test("a solution is good once, unless the lead it came with was not kept", () => {
  const { altcha, code, task } = someTasks();
  const payload = solved(task());
  expect([code(payload), code(payload)]).toEqual(["solved", "captcha_repeated"]);
  altcha.forget(payload);
  expect(code(payload)).toBe("solved");
});

test("a task somebody else set, or nobody signed, is not ours; one under an older secret is", () => {
  const { code, task } = someTasks(7, ["the secret now", "the secret before"]);
  expect(code(solved(someTasks(7, ["somebody else's"]).task()))).toBe("captcha_failed");
  expect(code(solved(task(), { signature: "" }))).toBe("captcha_failed");
  expect(code(solved(someTasks(7, ["the secret before"]).task()))).toBe("solved");
});

test("a number that is not the one looked for, or of another form's task, solves nothing", () => {
  const { code, task } = someTasks();
  expect(code(solved(task(), { number: 8 }))).toBe("captcha_failed");
  expect(code(solved(task()), "other")).toBe("captcha_failed");
  expect(code(solved(task(), { algorithm: "SHA-1" }))).toBe("captcha_failed");
  expect([code(null), code("nonsense"), code("A".repeat(10_000))]).toEqual([
    "captcha_missing",
    "captcha_failed",
    "captcha_failed",
  ]);
});

test("digits moved from the number into the salt prolong nothing", () => {
  const { code, task } = someTasks(17);
  const { salt, ...rest } = task();
  // The hash of both together, and so the signature, stay the same.
  expect(code(solved({ ...rest, salt: `${salt}1` }))).toBe("captcha_failed");
  expect(code(solved({ ...rest, salt }, { number: 17 }))).toBe("solved");
});
