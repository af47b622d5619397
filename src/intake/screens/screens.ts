import type { AwaitedCaptcha } from "../../ledger/ledger.ts";
import { defaultScreens, type Form, type FormScreens } from "../../model/form.ts";
import type { Json, JsonObject } from "../../model/json.ts";
import type { Screening, ScreeningReason } from "../../model/lead.ts";
import { canonicalName, textOf } from "../field-index.ts";
import { type Altcha, createAltcha } from "./altcha.ts";
import { captchaFields, captchaMissing, providers } from "./captcha.ts";
import { screenContent } from "./content.ts";
import { screenHoneypots } from "./honeypot.ts";
import { judge } from "./judge.ts";
import { createRates, type Limits, limitsFrom } from "./rates.ts";
import { createRepeats } from "./repeats.ts";
import { toScreened } from "./screened.ts";
import { senderOf } from "./sender.ts";
import { createStamps, type Stamps, screenFillTime, screenLoadedAt, stampMissing } from "./stamp.ts";

export type ScreensOptions = {
  /** The first signs; what any of them signed is accepted. */
  secrets: readonly [string, ...string[]];
  /** @default those of `limitsFrom` */
  limits?: Partial<Limits>;
  /** Whether visitors' addresses come from a proxy that was told of. */
  trustsProxy: boolean;
  /** Keyed hash of a text; only hashes are remembered. */
  hash(text: string): string;
  /** Epoch milliseconds. */
  now(): number;
  /** Some 16 characters, never the same. */
  nonce(): string;
  /** A whole number from 0 to below this one. */
  draw(below: number): number;
};

/** A submission, as far as the screens look at it. */
export type Candidate = {
  form: Form;
  /** The lead's own fields. */
  formData: JsonObject;
  /** What only the screens have a use for: see `ownFields`. */
  aside: JsonObject;
  reserved: ReadonlyMap<string, Json>;
  email: string | null;
  message: string | null;
  /** Keyed hash of who sends it. */
  person: string | null;
  /** As the server saw it. */
  address: string | null;
};

export type Verdict = {
  /** Null when nothing was found and nothing is awaited. */
  screening: Screening | null;
  quarantined: boolean;
  /** The token whose provider is to be asked once the lead is on record. */
  awaited: AwaitedCaptcha | null;
  /** The lead was kept, and counts from now on. */
  kept(): void;
  /** It was not: what it brought may be brought again. */
  forget(): void;
};

export type Screens = ReturnType<typeof createScreens>;

const longestToken = 8_192;

/** The screens for spam, with what they remember. Nothing here waits for anything. */
export function createScreens(options: ScreensOptions) {
  const { secrets, trustsProxy, hash, now, nonce, draw } = options;
  const rates = createRates(limitsFrom(options.limits));
  const repeats = createRepeats(hash);
  const stamps = createStamps(secrets, { now, nonce });
  const altcha = createAltcha(secrets, { now, nonce, draw });

  /** Asked twice in a row for each submission, and hashed once. */
  let latest: { address: string | null; sender: string | null } = { address: null, sender: null };

  function sender(address: string | null): string | null {
    if (address === latest.address) return latest.sender;
    const plain = senderOf(address, trustsProxy);
    latest = { address, sender: plain === null ? null : hash(plain) };
    return latest.sender;
  }

  return {
    stamps,
    altcha,
    /** Seconds after which a submission may be sent again; null when it may be taken now. */
    refuse: (form: Form, address: string | null): number | null => rates.refuse(form.id, sender(address), now()),
    screen(candidate: Candidate): Verdict {
      const { form, formData, aside, address, email, message, person } = candidate;
      const settings = form.screens ?? defaultScreens;
      const from = sender(address);
      const at = now();
      const [stamp, forgetStamp] = screenStamp(candidate, settings, stamps, at);
      const captcha = screenCaptcha(form.id, settings, aside, altcha);
      const screening = judge([
        screenHoneypots(formData, settings.honeypots),
        stamp,
        captcha.finding,
        ...screenContent(toScreened(formData, email), settings.wording),
        from === null ? null : repeats.screen(form.id, message, person, at),
        rates.screen(form.id, from, at),
      ]);
      const score = screening?.score ?? 0;
      return {
        screening: captcha.awaited
          ? { score, reasons: screening?.reasons ?? [], awaiting: captcha.awaited.captcha }
          : screening,
        quarantined: score >= settings.quarantineAt || captcha.awaited !== null,
        awaited: captcha.awaited,
        kept: () => rates.count(form.id, from, at),
        forget: () => {
          forgetStamp();
          captcha.forget();
        },
      };
    },
  };
}

/** The fields that are the lead's own, and apart from them a captcha's token and the honeypots. Empty honeypots are dropped. */
export function ownFields(
  { screens = defaultScreens }: Form,
  formData: JsonObject,
): { own: JsonObject; aside: JsonObject } {
  const names = [...captchaFields(screens.captcha), ...screens.honeypots];
  const there = names.filter((name) => Object.hasOwn(formData, name));
  if (there.length === 0) return { own: formData, aside: {} };
  const tokens = new Set(captchaFields(screens.captcha));
  const own: JsonObject = {};
  const aside: JsonObject = {};
  for (const [field, value] of Object.entries(formData)) {
    if (!there.includes(field)) own[field] = value;
    else if (tokens.has(field) || textOf(value) === null) aside[field] = value;
    // What stands in a honeypot is shown to whoever judges the lead.
    else own[field] = value;
  }
  return { own, aside };
}

/** True of a field no person is to see: a page that shows what was typed keeps it hidden. */
export function isHidden({ screens = defaultScreens }: Form, field: string): boolean {
  return screens.honeypots.some((name) => canonicalName(name) === canonicalName(field));
}

function screenStamp(
  { form, reserved }: Candidate,
  { expectStamp }: FormScreens,
  stamps: Stamps,
  now: number,
): [ScreeningReason | null, () => void] {
  const stamp = textOf(reserved.get("_stamp"));
  if (stamp !== null) {
    const read = stamps.read(form.id, stamp);
    const mine = read.type === "shown" && !read.repeated;
    return [screenFillTime(read, now), () => mine && stamps.forget(stamp)];
  }
  const loadedAt = Number(textOf(reserved.get("_loaded_at")) ?? Number.NaN);
  return [screenLoadedAt(loadedAt, now) ?? (expectStamp ? stampMissing : null), nothing];
}

type CaptchaLook = { finding: ScreeningReason | null; awaited: AwaitedCaptcha | null; forget(): void };

function screenCaptcha(form: string, { captcha }: FormScreens, aside: JsonObject, altcha: Altcha): CaptchaLook {
  if (!captcha) return { finding: null, awaited: null, forget: nothing };
  if (captcha.type === "altcha") {
    const payload = textOf(aside.altcha);
    const finding = altcha.screen(form, payload);
    return { finding, awaited: null, forget: () => finding === null && payload !== null && altcha.forget(payload) };
  }
  const token = textOf(aside[providers[captcha.type].field]);
  return token === null || token.length > longestToken
    ? { finding: captchaMissing, awaited: null, forget: nothing }
    : { finding: null, awaited: { captcha: captcha.type, token }, forget: nothing };
}

function nothing(): void {}
