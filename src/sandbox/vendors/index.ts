import { hcaptcha, recaptcha, turnstile } from "./captcha.ts";
import { sheets } from "./google-sheets/google-sheets.ts";
import { hubspot } from "./hubspot.ts";
import { make } from "./make.ts";
import { pipedrive } from "./pipedrive.ts";
import { webhook } from "./webhook.ts";
import { zapier } from "./zapier.ts";

/** Every fake vendor there is. A new one is a file beside this one, and a line here. */
export const vendorDefinitions = { zapier, make, webhook, pipedrive, hubspot, sheets, turnstile, hcaptcha, recaptcha };
