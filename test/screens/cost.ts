import { hash } from "node:crypto";
import { readFileSync } from "node:fs";
import { submission } from "../../bench/support/a-submission.ts";
import { firstText, indexFields } from "../../src/intake/field-index.ts";
import { screenContent } from "../../src/intake/screens/content.ts";
import { createRates, limitsFrom } from "../../src/intake/screens/rates.ts";
import { createRepeats } from "../../src/intake/screens/repeats.ts";
import { scan } from "../../src/intake/screens/scan.ts";
import { toScreened } from "../../src/intake/screens/screened.ts";
import { createScreens } from "../../src/intake/screens/screens.ts";
import { senderOf } from "../../src/intake/screens/sender.ts";
import type { JsonObject } from "../../src/model/json.ts";
import { aForm } from "../support/intake.ts";

// `node test/screens/cost.ts`: microseconds of processor time the screens take for a lead, all of them and the dear ones alone. Each is
// the best of several rounds; every submission is a fresh one, as a body that was just read. "corpus": another one each time.

const rounds = 7;
const own = Object.fromEntries(Object.entries(submission).filter(([field]) => !field.startsWith("_")));
const sentence = "We would like an offer for the roof of our workshop, which is some forty years old. ";
const corpus = ["people", "spam"].flatMap((name) =>
  readFileSync(new URL(`../corpus/${name}.jsonl`, import.meta.url), "utf8")
    .trim()
    .split("\n")
    .map((line) => (JSON.parse(line) as { fields: JsonObject }).fields),
);
const longest = corpus.reduce((one, other) => (lengthOf(other) > lengthOf(one) ? other : one));
const kinds: Record<string, { of: readonly JsonObject[]; count: number }> = {
  "typical (bench/support/a-submission.ts)": { of: [own], count: 5_000 },
  "longest of the corpus": { of: [longest], count: 5_000 },
  "2 000 characters": { of: [{ ...own, message: sentence.repeat(24).slice(0, 2_000) }], count: 2_000 },
  "corpus, shuffled": { of: corpus, count: 5_000 },
};
const key = "k".repeat(44);
const keyed = (text: string) => hash("sha256", key + text, "base64url");
const unlimited = limitsFrom({ addressSuspect: 1e9, addressQuarantine: 1e9, address: 1e9, form: 1e9 });
const form = aForm();

function lengthOf({ message }: JsonObject): number {
  return typeof message === "string" ? message.length : 0;
}

/** Microseconds for each thing made, without the making. */
function cost<T>(count: number, make: (i: number) => T, look: (thing: T) => unknown): number {
  const each = Array.from({ length: rounds }, () => {
    const things = Array.from({ length: count }, (_, i) => make(i));
    const before = process.cpuUsage();
    for (const thing of things) look(thing);
    const { user, system } = process.cpuUsage(before);
    return (user + system) / count;
  });
  return Math.round(Math.min(...each) * 100) / 100;
}

function costs({ of, count }: { of: readonly JsonObject[]; count: number }): Record<string, number> {
  const screens = createScreens({
    secrets: ["a secret"],
    trustsProxy: true,
    limits: unlimited,
    hash: keyed,
    now: Date.now,
    nonce: () => "0123456789abcdef",
    draw: () => 0,
  });
  const repeats = createRepeats(keyed);
  const rates = createRates(unlimited);
  const sent = (i: number) => JSON.parse(JSON.stringify(of[(i * 7_919) % of.length])) as JsonObject;
  const address = (i: number) => `203.0.${i % 250}.${(i >> 8) % 250}`;
  const candidate = (uncounted: boolean) => (i: number) => {
    const formData = sent(i);
    const message = firstText(indexFields(formData), ["message"]);
    const from = uncounted ? null : address(i);
    const common = { form, formData, aside: {}, reserved: new Map(), email: String(formData.email), message };
    return { ...common, person: String(i % 977), address: from };
  };
  const all = (one: ReturnType<ReturnType<typeof candidate>>) => {
    screens.refuse(form, one.address);
    screens.screen(one).kept();
  };
  const screened = (i: number) => toScreened(sent(i), "ada@example.com");
  return {
    all: cost(count, candidate(false), all),
    "all, address not counted": cost(count, candidate(true), all),
    gathering: cost(count, sent, (fields) => toScreened(fields, "ada@example.com")),
    "the one pass": cost(count, screened, ({ lower }) => scan(lower)),
    "content with the pass": cost(count, screened, (one) => screenContent(one, true)),
    "repeated text": cost(
      count,
      (i) => String(sent(i).message ?? ""),
      (text) => repeats.screen("contact", text, "somebody", 0),
    ),
    "sender's hash": cost(count, address, (one) => keyed(senderOf(one, true) ?? "")),
    rates: cost(
      count,
      (i) => `sender ${i % 5_000}`,
      (one) => [rates.refuse("contact", one, 0), rates.screen("contact", one, 0), rates.count("contact", one, 0)],
    ),
  };
}

console.table(Object.fromEntries(Object.entries(kinds).map(([name, kind]) => [name, costs(kind)])));
