import { type Sandbox, serviceAccount } from "../../src/sandbox/index.ts";
import { mark } from "./audit-marks.ts";

const secretOf = (what: string): string => mark("secret", what);
const keys = { webhook: secretOf("webhookkey"), zapier: secretOf("zapierkey"), make: secretOf("makekey") };
const signing = `whsec_${Buffer.from(`${secretOf("signing")} of a webhook`).toString("base64")}`;

/** Passwords a person types that are not the right one, often for lack of a letter. */
export const wrongPassword = secretOf("wrongpassword");
export const wrongToken = `${secretOf("wrongtoken")}-of-the-api-0123`;
export const adminPassword = `${secretOf("admin")} of the console`;

/** Every vendor of the sandbox made from variables, each secret marked, and the sandbox asking for just these. */
export function auditedVariables(sandbox: Sandbox): Record<string, string> {
  const { webhook, zapier, make, hubspot, pipedrive, sheets } = sandbox.vendors;
  const { email, privateKey } = serviceAccount();
  for (const vendor of Object.values(sandbox.vendors)) Object.assign(vendor.settings, { limits: false });
  Object.assign(hubspot.settings, { accessToken: secretOf("hubspot"), searchLagMs: 0 });
  Object.assign(pipedrive.settings, { apiToken: secretOf("pipedrive"), searchLagMs: 0 });
  sandbox.mail.settings.credentials = { user: secretOf("smtpuser"), pass: secretOf("smtppassword") };
  return {
    CRM_WEBHOOK_URL: `${webhook.url}?key=${keys.webhook}`,
    CRM_WEBHOOK_SECRET: signing,
    ZAPIER_WEBHOOK_URL: `${zapier.url}?key=${keys.zapier}`,
    MAKE_WEBHOOK_URL: `${make.url}?key=${keys.make}`,
    HUBSPOT_ACCESS_TOKEN: secretOf("hubspot"),
    HUBSPOT_BASE_URL: hubspot.url,
    HUBSPOT_FORMS_BASE_URL: hubspot.url,
    PIPEDRIVE_API_TOKEN: secretOf("pipedrive"),
    PIPEDRIVE_BASE_URL: pipedrive.url,
    GOOGLE_SERVICE_ACCOUNT_EMAIL: email,
    GOOGLE_PRIVATE_KEY: privateKey,
    GOOGLE_SHEET_ID: sheets.settings.spreadsheetId,
    GOOGLE_SHEETS_BASE_URL: sheets.url,
    GOOGLE_TOKEN_URL: `${sheets.url}/token`,
    SMTP_URL: sandbox.mail.url.replace("smtp://", `smtp://${secretOf("smtpuser")}:${secretOf("smtppassword")}@`),
    MAIL_FROM: "Northlight <hello@northlight.example>",
    MAIL_TO: "team@northlight.example",
    PUBLIC_URL: "https://leads.example.com",
    TRUST_PROXY: "1",
    LEADKEEP_SECRET: `${secretOf("own")}-of-the-gateway`,
    LEADKEEP_OLD_SECRETS: `${secretOf("old")}-of-the-gateway,${secretOf("older")}-of-the-gateway`,
    LEADKEEP_ADMIN_PASSWORD: adminPassword,
    LEADKEEP_API_TOKEN: `${secretOf("token")}-of-the-api-0123`,
    LEADKEEP_DRAIN_TOKEN: `${secretOf("drain")}-of-the-api-0123`,
    LEADKEEP_METRICS_TOKEN: `${secretOf("metrics")}-of-the-api-0123`,
    LEADKEEP_FORWARD_SECRET: `${secretOf("forward")}-of-a-function-0123`,
    LEADKEEP_ALLOW_PRIVATE_NETWORK: "1",
    LEADKEEP_SCHEDULE: "10ms,10ms,10ms",
    LEADKEEP_TIMEOUT: "400ms",
    LEADKEEP_LOG_LEVEL: "debug",
    PORT: "0",
  };
}

/** Lines of the private key itself, which bear no mark. */
export function privateKeyLines(): string[] {
  const lines = serviceAccount().privateKey.trim().split("\n");
  return lines.slice(1, -1);
}

/** Which secrets each vendor may see: its own. */
export const ownSecrets: Record<string, readonly string[]> = {
  webhook: [keys.webhook],
  zapier: [keys.zapier],
  make: [keys.make],
  hubspot: [secretOf("hubspot")],
  pipedrive: [secretOf("pipedrive")],
  sheets: [],
};
