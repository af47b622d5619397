import type { ScreeningReason } from "../../model/lead.ts";
import { disposableDomains } from "./disposable-domains.ts";
import type { Screened } from "./screened.ts";

const words = /(?:^|[.-])(?:temp-?mail|trash-?mail|throw-?away|disposable|mailinator|10minute|guerrilla)/;

/** An address that lives for minutes. Some people give one to everybody: it is no more than a hint. */
export function screenDisposable({ email }: Screened): ScreeningReason | null {
  const domain = email?.slice(email.lastIndexOf("@") + 1);
  if (!domain) return null;
  const parent = domain.slice(domain.indexOf(".") + 1);
  return disposableDomains.has(domain) || disposableDomains.has(parent) || words.test(domain)
    ? { code: "disposable_address", points: 3, message: "the e-mail address is a throw-away one" }
    : null;
}
