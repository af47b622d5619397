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
  /** To one form, from everywhere, before its leads get a few points. @default a quarter of `form` */
  formSuspect: number;
  /** To one form, from everywhere, before its leads are quarantined. @default half of `form` */
  formQuarantine: number;
  /** To one form, from everywhere, before it is answered 429. @default 6_000 */
  form: number;
};

/** What is not given goes by what is. */
export function limitsFrom(given: Partial<Limits> = {}): Limits {
  const { form = 6_000 } = given;
  return {
    addressSuspect: 10,
    addressQuarantine: 60,
    address: 300,
    formSuspect: form / 4,
    formQuarantine: form / 2,
    ...given,
    form,
  };
}

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
      const isOver = addresses.of(address, now) >= limits.address || forms.of(form, now) >= limits.form;
      if (!isOver) return null;
      const waitMs = Math.max(addresses.waitMs(address, now, limits.address), forms.waitMs(form, now, limits.form));
      return Math.floor(waitMs / 1_000) + 1;
    },
    /** At most one finding: many from one address are many to the form, too. */
    screen(form: string, address: string | null, now: number): ScreeningReason | null {
      if (address === null) return null;
      const here = addresses.of(address, now);
      if (here >= limits.addressQuarantine) return found("rate_high", limits.addressQuarantine, "from one address");
      const everywhere = forms.of(form, now);
      if (everywhere >= limits.formQuarantine) return found("form_rate_high", limits.formQuarantine, "to this form");
      if (here >= limits.addressSuspect) return found("rate", limits.addressSuspect, "from one address");
      return everywhere >= limits.formSuspect ? found("form_rate", limits.formSuspect, "to this form") : null;
    },
    /** A lead was kept. */
    count(form: string, address: string | null, now: number): void {
      if (address === null) return;
      addresses.add(address, now);
      forms.add(form, now);
    },
  };
}

const points = { rate: 3, rate_high: 10, form_rate: 3, form_rate_high: 10 };

function found(code: keyof typeof points, limit: number, where: string): ScreeningReason {
  return { code, points: points[code], message: `more than ${Math.ceil(limit)} a minute ${where}` };
}
