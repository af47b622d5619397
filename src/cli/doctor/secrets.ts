import { readFileSync } from "node:fs";
import type { Variables } from "../../config/environment.ts";
import type { CheckResult } from "../../model/destination.ts";

/** Chosen by whoever runs the gateway, and so perhaps badly. `leastBits`: below it somebody could find it by trying. */
const ours: Record<string, { leastBits: number; cure: string }> = {
  LEADKEEP_SECRET: { leastBits: 48, cure: "Set it to what this prints: openssl rand -hex 32" },
  LEADKEEP_ADMIN_PASSWORD: {
    leastBits: 36,
    cure: "Let a password manager make one, or leave it out and sign in by link.",
  },
  LEADKEEP_API_TOKEN: { leastBits: 64, cure: "Set it to what this prints: openssl rand -hex 32" },
  LEADKEEP_DRAIN_TOKEN: { leastBits: 64, cure: "Set it to what this prints: openssl rand -hex 32" },
  LEADKEEP_FORWARD_SECRET: { leastBits: 64, cure: "Set it to what this prints: openssl rand -hex 32" },
  LEADKEEP_ALERT_WEBHOOK_SECRET: {
    leastBits: 48,
    cure: 'Set it to what this prints: echo "whsec_$(openssl rand -base64 32)"',
  },
  CRM_WEBHOOK_SECRET: { leastBits: 48, cure: 'Set it to what this prints: echo "whsec_$(openssl rand -base64 32)"' },
};
const howToChange: Record<string, string> = {
  LEADKEEP_SECRET: " Put the old one into LEADKEEP_OLD_SECRETS, so that links in mails go on working.",
};

/** Given by others: they can only be missing, or still be what an example says. */
const theirs = [
  "HUBSPOT_ACCESS_TOKEN",
  "PIPEDRIVE_API_TOKEN",
  "ZAPIER_WEBHOOK_URL",
  "MAKE_WEBHOOK_URL",
  "CRM_WEBHOOK_URL",
  "SMTP_URL",
  "DATABASE_URL",
  "GOOGLE_SHEET_ID",
  "TURNSTILE_SECRET_KEY",
  "HCAPTCHA_SECRET_KEY",
  "RECAPTCHA_SECRET_KEY",
  "LEADKEEP_ALERT_WEBHOOK_URL",
];

/** What nobody means as a secret. */
const placeholder = /change[-_ ]?me|replace[-_ ]?me|place[-_ ]?holder|\byour[-_ ]|…|\.\.\.|^<.*>$|x{6}/i;
const guessable = /passw[o0]rd|secret|qwert|asdfg|letmein|leadkeep|admin|welcome|example/i;

/**
 * Whether secrets are there, hard to guess, and not an example's. `example`: what `.env.example` says; `shared`: several machines
 * work on one Postgres. Names variables, never values.
 */
export function checkSecrets(
  variables: Variables,
  { example = {}, shared = false }: { example?: Variables; shared?: boolean } = {},
): CheckResult[] {
  const results: CheckResult[] = [];
  const seen = new Map<string, string>();
  for (const [name, { leastBits, cure }] of Object.entries(ours)) {
    const value = settingOf(name, variables);
    if (value === null) continue;
    const weakness = partsOf(name, value)
      .map((one) => weaknessOf(one, leastBits, example[name]))
      .find(Boolean);
    const twin = seen.get(value);
    seen.set(value, name);
    const change = `${cure}${howToChange[name] ?? ""}`;
    if (weakness) results.push({ what: name, result: "problem", detail: weakness, cure: change });
    else if (twin) results.push({ what: name, result: "problem", detail: `is the same as ${twin}`, cure: change });
    else results.push({ what: name, result: "ok", detail: "is set, and hard to guess" });
  }
  for (const name of theirs) {
    const value = settingOf(name, variables);
    if (value === null || !isExample(value, example[name])) continue;
    results.push({ what: name, result: "problem", detail: "is still an example's", cure: "Put your own value there." });
  }
  if (settingOf("LEADKEEP_SECRET", variables) === null) results.push(madeSecret(shared));
  return results;
}

/** While a webhook's or a forwarder's secret is changed there are several. */
function partsOf(name: string, value: string): string[] {
  if (name === "LEADKEEP_FORWARD_SECRET") return value.split(",").map((one) => one.trim());
  return name.endsWith("_WEBHOOK_SECRET") ? value.split(/\s+/) : [value];
}

function madeSecret(shared: boolean): CheckResult {
  const what = "LEADKEEP_SECRET";
  if (!shared) return { what, result: "ok", detail: "is not set: one is made and kept in the data folder" };
  const detail = "is not set, and every machine on this Postgres would make one of its own";
  return { what, result: "problem", detail, cure: "Set the same on every machine: openssl rand -hex 32" };
}

function weaknessOf(value: string, leastBits: number, example: string | undefined): string | null {
  if (isExample(value, example)) return "is still an example's";
  if (guessable.test(value)) return "holds a word anybody would try first";
  return bitsOf(value) < leastBits ? "is easy to guess: too short, or too regular" : null;
}

function isExample(value: string, example: string | undefined): boolean {
  return placeholder.test(value) || (example !== undefined && example !== "" && value === example);
}

/**
 * About how many bits of chance are in a text: Shannon's measure of its characters, of which those that only go on a run
 * ("aaaa", "1234", "dcba") do not count.
 */
export function bitsOf(text: string): number {
  const codes = [...text].map((character) => character.codePointAt(0) ?? 0);
  const fresh = codes.filter((code, i) => i === 0 || Math.abs(code - (codes[i - 1] ?? 0)) > 1);
  const counts = new Map<number, number>();
  for (const code of fresh) counts.set(code, (counts.get(code) ?? 0) + 1);
  return [...counts.values()].reduce((sum, count) => sum - count * Math.log2(count / fresh.length), 0);
}

/** A variable's value, from its file where it names one; null when it has none. */
function settingOf(name: string, variables: Variables): string | null {
  if (variables[name]) return variables[name].trim();
  const file = variables[`${name}_FILE`];
  if (!file) return null;
  try {
    return readFileSync(file, "utf8").trim() || null;
  } catch {
    return null;
  }
}
