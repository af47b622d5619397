import type { CheckResult } from "../model/destination.ts";
import { periodText, type Retention, type RetentionRules } from "../model/retention.ts";

/** What there is to say of how long leads are kept. */
export function checkRetention({ byDefault, forms }: RetentionRules): CheckResult[] {
  const all: [string, Retention][] = [["all forms", byDefault], ...forms];
  return all.map(([form, { leads, quarantine, attempts }]) => {
    const what = form === "all forms" ? "retention" : `retention of "${form}"`;
    const rest = `suspected spam ${periodText(quarantine)}, attempts ${periodText(attempts)}`;
    if (leads) return { what, result: "ok", detail: `leads are kept ${periodText(leads)}, ${rest}` };
    return {
      what,
      result: "warning",
      detail: `leads are kept for ever, ${rest}`,
      cure: 'Personal data may be kept only as long as it is needed: set retention: { leads: "24 months" } in leadkeep.config.ts.',
    };
  });
}
