import type { Ledger } from "../ledger/ledger.ts";
import type { Observed } from "./conditions.ts";

export type SilentFormsOptions = {
  ledger: Pick<Ledger, "leadTallies" | "forms">;
  /** IANA name of the zone the forms' visitors live by. */
  zone(): string;
  /** False for forms that were taken out of the configuration. */
  isConfigured(form: string): boolean;
};

/** A rhythm of hours and weekdays need not be looked at more often; while a form is silent, to see when it is over. */
const usuallyEveryMs = 1_800_000;
const whileSilentEveryMs = 300_000;

/** Asks, now and then, which forms are silent; in between it gives the last answer. */
export function createSilentForms({
  ledger,
  zone,
  isConfigured,
}: SilentFormsOptions): (now: number) => Promise<Observed["silent"]> {
  let known: NonNullable<Observed["silent"]> = [];
  let askedAt = Number.NEGATIVE_INFINITY;

  return async (now) => {
    const everyMs = known.length > 0 ? whileSilentEveryMs : usuallyEveryMs;
    if (now >= askedAt && now - askedAt < everyMs) return known;
    const { rhythmMs, silences } = await import("./silence/silences.ts");
    const [tallies, forms] = await Promise.all([ledger.leadTallies(now - rhythmMs), ledger.forms()]);
    const lastLeadAt = new Map(forms.map((one) => [one.form, one.lastLeadAt]));
    known = silences(tallies, { now, lastLeadAt, zone: zone(), isConfigured });
    askedAt = now;
    return known;
  };
}
