import type { ScreeningReason } from "../../model/lead.ts";
import { createCounts } from "./counts.ts";

/** How many submissions a minute are taken without a second look, and how many at all. */
export type Limits = {
  /** From one address, before leads from there get a few points. @default 10 */
  addressSuspect: number;
  /** From one address, before leads from there are quarantined. @default 60 */
  addressQuarantine: number;
  /** From one address, before it is answered 429. @default 300 */
  address: number;
  /** To one form, from everywhere, before it is answered 429. @default 6_000 */
  form: number;
};
export const defaultLimits: Limits = { addressSuspect: 10, addressQuarantine: 60, address: 300, form: 6_000 };

const minuteMs = 60_000;
const mostAddresses = 20_000;
const mostForms = 1_000;

/** Counts submissions that were kept, by sender and by form, on this machine alone. `address` null: not to be counted. */
export function createRates(limits: Limits) {
  const addresses = createCounts(minuteMs, mostAddresses);
  const forms = createCounts(minuteMs, mostForms);

  return {
    /** Seconds after which it may be tried again; null when it may be taken. */
    refuse(form: string, address: string | null, now: number): number | null {
      if (address === null) return null;
      const over = addresses.of(address, now) >= limits.address || forms.of(form, now) >= limits.form;
      return over ? Math.ceil((minuteMs - (now % minuteMs)) / 1_000) : null;
    },
    screen(address: string | null, now: number): ScreeningReason | null {
      if (address === null) return null;
      const count = addresses.of(address, now);
      if (count >= limits.addressQuarantine)
        return {
          code: "rate_high",
          points: 10,
          message: `more than ${limits.addressQuarantine} a minute from one address`,
        };
      return count >= limits.addressSuspect
        ? { code: "rate", points: 3, message: `more than ${limits.addressSuspect} a minute from one address` }
        : null;
    },
    /** A lead was kept. */
    count(form: string, address: string | null, now: number): void {
      if (address === null) return;
      addresses.add(address, now);
      forms.add(form, now);
    },
  };
}
