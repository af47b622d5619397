import { expect, test } from "vitest";
import { aLead } from "../../../test/support/a-lead.ts";
import { aForm } from "../../../test/support/intake.ts";
import type { CaptchaCheck } from "../../ledger/ledger.ts";
import { defaultScreens } from "../../model/form.ts";
import type { Screening } from "../../model/lead.ts";
import { silentLog } from "../../model/log.ts";
import { createCaptchaDuty } from "./captcha-duty.ts";

const url = "https://captcha.example.com/siteverify";
const receivedAt = 1_700_000_000_000;

/** One lead that waits for its captcha, asked about at a moment after it came. */
async function asked(afterMs: number, answer: () => Promise<Response>) {
  const lead = aLead({ receivedAt, state: "quarantined", screening: { score: 0, reasons: [], awaiting: "recaptcha" } });
  let due: CaptchaCheck[] = [{ lead, captcha: "recaptcha", token: "a token", tries: 1 }];
  const ends: { screening: Screening | null; release: boolean }[] = [];
  const putOffTo: number[] = [];
  const duty = createCaptchaDuty({
    ledger: {
      takeCaptchaChecks: async () => due.splice(0, due.length),
      putOffCaptchaCheck: async (_, dueAt) => void putOffTo.push(dueAt - receivedAt),
      settleCaptchaCheck: async (_, verdict) => ends.push(verdict) > 0,
    },
    findForm: () =>
      aForm({
        origins: ["https://www.example.org"],
        screens: { ...defaultScreens, captcha: { type: "recaptcha", secret: "s", url, minScore: 0.5 } },
      }),
    fetch: answer,
    now: () => receivedAt + afterMs,
    log: silentLog,
  });
  await duty.run();
  await duty.stop();
  due = [];
  return { ends, putOffTo };
}

const down = () => Promise.reject(new Error("connection refused"));
const answering =
  (body: object, status = 200) =>
  async () =>
    new Response(JSON.stringify(body), { status });

test("while the token is good a provider that is away is asked again", async () => {
  expect(await asked(1_000, down)).toEqual({ ends: [], putOffTo: [3_000] });
  expect(await asked(1_000, answering({ error: "busy" }, 503))).toEqual({ ends: [], putOffTo: [3_000] });
});

test("once the token is too old it is a person's to judge", async () => {
  const { ends } = await asked(119_500, down);
  expect(ends).toMatchObject([{ release: false, screening: { reasons: [{ code: "captcha_unavailable" }] } }]);
});

test("a wrong secret keeps nobody out for good: the lead stays where a person finds it", async () => {
  const wrong = answering({ success: false, "error-codes": ["invalid-input-secret"] });
  const { ends } = await asked(119_500, wrong);
  expect(ends).toMatchObject([{ release: false, screening: { reasons: [{ code: "captcha_unavailable" }] } }]);
});

test("what is no answer of a provider is no verdict", async () => {
  for (const body of [{}, { success: "yes" }, { success: 1 }, [true]]) {
    expect(await asked(1_000, answering(body))).toEqual({ ends: [], putOffTo: [3_000] });
  }
});

test("version 2 has no score and passes", async () => {
  expect(await asked(1_000, answering({ success: true }))).toMatchObject({
    ends: [{ release: true, screening: null }],
  });
});

test("a token that was given out on another page than the form's lets nothing go on", async () => {
  expect((await asked(1_000, answering({ success: true, hostname: "www.example.org" }))).ends).toMatchObject([
    { release: true },
  ]);
  expect((await asked(1_000, answering({ success: true, hostname: "farm.example.net" }))).ends).toMatchObject([
    { release: false, screening: { reasons: [{ code: "captcha_elsewhere" }] } },
  ]);
});
