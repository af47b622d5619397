import { readFileSync } from "node:fs";
import { firstText, indexFields } from "../../src/intake/field-index.ts";
import { createScreens } from "../../src/intake/screens/screens.ts";
import { defaultScreens } from "../../src/model/form.ts";
import type { JsonObject } from "../../src/model/json.ts";
import type { Screening } from "../../src/model/lead.ts";
import { aForm } from "../support/intake.ts";

/** One submission somebody labelled. `part`: the screens were made looking at "tuning", and at nothing of "held-out". */
export type Labelled = {
  lang: string;
  part: "tuning" | "held-out";
  fields: JsonObject;
  /** How long the form was open, when its page had its screens.js. */
  took_ms?: number;
  sent_by?: string;
};
export type Judged = Labelled & { screening: Screening | null; quarantined: boolean };

/** Runs a file of the corpus through the screens as they are without a config file, each submission as if it came alone. */
export function judgeCorpus(name: "people" | "spam"): Judged[] {
  const lines = readFileSync(new URL(`../corpus/${name}.jsonl`, import.meta.url), "utf8")
    .trim()
    .split("\n");
  return lines.map((line) => judgeOne(JSON.parse(line) as Labelled));
}

function judgeOne(labelled: Labelled): Judged {
  const { fields, took_ms = 0 } = labelled;
  const shownAt = 1_700_000_000_000;
  let now = shownAt;
  const screens = createScreens({
    secrets: ["a secret of the tests"],
    trustsProxy: false,
    hash: (text) => text,
    now: () => now,
    nonce: () => "0123456789abcdef",
    draw: () => 0,
  });
  const form = aForm({ screens: defaultScreens });
  const stamp = screens.stamps.give(form.id);
  now = shownAt + took_ms;
  const { screening, quarantined } = screens.screen({
    form,
    formData: fields,
    aside: {},
    reserved: new Map(labelled.took_ms === undefined ? [] : [["_stamp", stamp]]),
    email: String(fields.email),
    message: firstText(indexFields(fields), ["message"]),
    person: "somebody",
    address: "203.0.113.7",
  });
  return { ...labelled, screening, quarantined };
}
