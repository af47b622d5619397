import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseEnv } from "node:util";
import * as z from "zod";
import { parsePrivateKey } from "../destinations/google-sheets/private-key.ts";
import { parseMailbox, parseMailboxes } from "../destinations/mail/address.ts";
import { parseSmtpUrl } from "../destinations/mail/smtp-url.ts";
import { backends, engines } from "../ledger/engines.ts";
import type { ConfigProblem } from "../model/errors.ts";
import { longestWaitMs, parseDuration, parseSchedule } from "../model/schedule.ts";
import { databaseUrlProblem } from "./database-url.ts";
import { parseMasterKey } from "./master-key.ts";
import { parseHosts } from "./network.ts";
import { parseVerifyAt } from "./verify.ts";

/** Variables by name, as `process.env` has them. */
export type Variables = Readonly<Record<string, string | undefined>>;

const httpUrl = () => z.url({ protocol: /^https?$/, error: "must be an http or https address" });
const yes = () =>
  z.enum(["0", "1", "false", "true"], "must be 1 or 0").transform((text) => text === "1" || text === "true");

/** Every variable this program reads. Each description completes the sentence "Set it to …". */
export const environment = z.object({
  ZAPIER_WEBHOOK_URL: httpUrl().optional().describe("the address of your Zap's Catch Hook"),
  MAKE_WEBHOOK_URL: httpUrl().optional().describe("the address of your Make custom webhook"),
  CRM_WEBHOOK_URL: httpUrl().optional().describe("the address that is to receive leads as JSON"),
  CRM_WEBHOOK_SECRET: z.string().optional().describe("one or more secrets, separated by spaces, to sign with"),
  HUBSPOT_ACCESS_TOKEN: z
    .string()
    .optional()
    .describe("a service key of your HubSpot account, or a private app's token"),
  HUBSPOT_PORTAL_ID: z
    .string()
    .regex(/^\d+$/, "is not a number")
    .optional()
    .describe("the id of your HubSpot account, which stands in every address there, for links to what was delivered"),
  HUBSPOT_BASE_URL: httpUrl().optional().describe("the address that takes the place of https://api.hubapi.com"),
  HUBSPOT_FORMS_BASE_URL: httpUrl().optional().describe("the address that takes the place of https://api.hsforms.com"),
  PIPEDRIVE_API_TOKEN: z.string().optional().describe("your personal API token of Pipedrive"),
  PIPEDRIVE_DOMAIN: z
    .string()
    .regex(/^(?:https?:\/\/)?[a-z0-9][a-z0-9-]*(?:\.pipedrive\.com)?(?:\/.*)?$/i, "is not a company domain")
    .optional()
    .describe("your company's domain at Pipedrive, such as acme or acme.pipedrive.com"),
  PIPEDRIVE_BASE_URL: httpUrl()
    .optional()
    .describe("the address that takes the place of https://{domain}.pipedrive.com"),
  GOOGLE_SERVICE_ACCOUNT_EMAIL: z.email("is not an address").optional().describe("the service account's address"),
  GOOGLE_PRIVATE_KEY: z
    .string()
    .superRefine((text, context) => {
      const parsed = parsePrivateKey(text);
      if (parsed.type === "broken") context.addIssue({ code: "custom", message: parsed.problem });
    })
    .optional()
    .describe("the private key of the service account, from its JSON key file"),
  GOOGLE_SHEET_ID: z.string().optional().describe("the id in the spreadsheet's address"),
  GOOGLE_SHEETS_BASE_URL: httpUrl()
    .optional()
    .describe("the address that takes the place of https://sheets.googleapis.com"),
  GOOGLE_TOKEN_URL: httpUrl()
    .optional()
    .describe("the address that takes the place of https://oauth2.googleapis.com/token"),
  SMTP_URL: z
    .string()
    .refine((text) => parseSmtpUrl(text) !== null, "is not the address of a mail server")
    .optional()
    .describe("smtp://user:password@host:587 or smtps://…:465, special characters URL-encoded"),
  MAIL_FROM: z
    .string()
    .refine((text) => parseMailbox(text) !== null, "is not one mail address")
    .optional()
    .describe("the sender, such as Example <hello@example.com>"),
  MAIL_TO: z
    .string()
    .refine((text) => parseMailboxes(text) !== null, "is not a list of mail addresses")
    .optional()
    .describe("whom to tell of new leads: mail addresses, separated by commas"),
  MAIL_LANGUAGE: z.enum(["en", "de"], "is not a language the mails are written in").default("en").describe("en or de"),
  LEADKEEP_LAWFUL_BASIS: z
    .enum(["consent", "legitimate-interest", "contract"], "is not a lawful basis this program knows")
    .default("consent")
    .describe('"consent", "legitimate-interest" or "contract"'),
  LEADKEEP_SCHEDULE: z
    .string()
    .transform(orIssue(parseSchedule, "is not a list of waits"))
    .optional()
    .describe("waits between attempts, such as 5s,30s,2m,10m,1h"),
  LEADKEEP_TIMEOUT: z
    .string()
    .transform(orIssue(parseDuration, "is not a duration"))
    .refine((ms) => ms >= 1, "must be longer than nothing")
    .refine((ms) => ms <= longestWaitMs, "must be a day at most")
    .optional()
    .describe("the longest one attempt may take, such as 10s"),
  LEADKEEP_COUNTRY: z
    .string()
    .regex(/^[A-Za-z]{2}$/, "is not a two-letter country code")
    .transform((text) => text.toUpperCase())
    .default("GB")
    .describe("the two-letter code of the country whose phone numbers need no prefix, such as GB"),
  TURNSTILE_SECRET_KEY: z.string().optional().describe("the secret key of your Turnstile widget"),
  TURNSTILE_BASE_URL: httpUrl()
    .optional()
    .describe("the address that takes the place of https://challenges.cloudflare.com"),
  HCAPTCHA_SECRET_KEY: z.string().optional().describe("the secret key of your hCaptcha account"),
  HCAPTCHA_BASE_URL: httpUrl().optional().describe("the address that takes the place of https://api.hcaptcha.com"),
  RECAPTCHA_SECRET_KEY: z.string().optional().describe("the secret key of your reCAPTCHA site"),
  RECAPTCHA_BASE_URL: httpUrl().optional().describe("the address that takes the place of https://www.google.com"),
  DATABASE_URL: z
    .string()
    .superRefine((text, context) => {
      const problem = databaseUrlProblem(text);
      if (problem) context.addIssue({ code: "custom", message: problem });
    })
    .optional()
    .describe(
      "the address of a Postgres database, postgres://user:password@host:5432/name, special characters URL-encoded",
    ),
  LEADKEEP_DATABASE_CONNECTIONS: z.coerce
    .number("must be a number")
    .int("must be a whole number")
    .min(2, "must be from 2 to 1000")
    .max(1_000, "must be from 2 to 1000")
    .optional()
    .describe("how many connections to Postgres this process may hold at once"),
  LEADKEEP_ENGINE: z
    .enum(engines, "is not an engine this program knows")
    .default("ledger")
    .describe('"ledger" or "pg-boss"'),
  LEADKEEP_BACKEND: z
    .enum(backends, "is not a database pg-boss knows")
    .optional()
    .describe(`the kind of database pg-boss is on: ${backends.join(", ")}`),
  LEADKEEP_DATA: z.string().default("./.leadkeep").describe("the folder that holds the ledger and the secret"),
  LEADKEEP_SECRET: z
    .string()
    .min(16, "is shorter than 16 characters")
    .optional()
    .describe("at least 16 random characters, or leave it out to have one made"),
  LEADKEEP_ADMIN_PASSWORD: z
    .string()
    .min(12, "is shorter than 12 characters")
    .max(200, "is longer than 200 characters")
    .optional()
    .describe("the console's password, at least 12 characters; without it, leadkeep start prints a link to sign in"),
  LEADKEEP_API_TOKEN: z
    .string()
    .min(24, "is shorter than 24 characters")
    .max(500, "is longer than 500 characters")
    .regex(/^[\x21-\x7e]+$/, "has a space or a letter that no header can hold")
    .optional()
    .describe("at least 24 random characters by which scripts may call the API"),
  LEADKEEP_DRAIN_TOKEN: z
    .string()
    .min(24, "is shorter than 24 characters")
    .max(500, "is longer than 500 characters")
    .regex(/^[\x21-\x7e]+$/, "has a space or a letter that no header can hold")
    .optional()
    .describe("at least 24 random characters by which a timer may call POST /internal/drain"),
  LEADKEEP_METRICS_TOKEN: z
    .string()
    .min(24, "is shorter than 24 characters")
    .max(500, "is longer than 500 characters")
    .regex(/^[\x21-\x7e]+$/, "has a space or a letter that no header can hold")
    .optional()
    .describe("at least 24 random characters by which a Prometheus may read GET /metrics from anywhere"),
  LEADKEEP_FORWARD_SECRET: z
    .string()
    .transform((text) => text.split(",").map((one) => one.trim()))
    .refine((secrets) => secrets.every((one) => one.length >= 24), "has one shorter than 24 characters")
    .default([])
    .describe(
      "at least 24 random characters that functions with leadkeep/forward sign by; several, separated by commas, while rotating",
    ),
  LEADKEEP_OLD_SECRETS: z
    .string()
    .transform((text) => text.split(",").map((one) => one.trim()))
    .refine((secrets) => secrets.every((one) => one.length >= 16), "has one shorter than 16 characters")
    .default([])
    .describe("secrets used before, separated by commas"),
  LEADKEEP_ENCRYPTION_KEY: z
    .string()
    .transform(orIssue(parseMasterKey, "is not 32 bytes in base64"))
    .optional()
    .describe("what this prints: openssl rand -base64 32"),
  LEADKEEP_OLD_ENCRYPTION_KEYS: z
    .string()
    .transform(orIssue((text) => text.split(",").map(parseMasterKey), "has one that is not 32 bytes in base64"))
    .default([])
    .describe("encryption keys used before, separated by commas"),
  LEADKEEP_IP_HASH: z
    .enum(["daily", "stable", "none"], "is not a way to hash addresses this program knows")
    .default("daily")
    .describe('"daily", "stable" or "none"'),
  LEADKEEP_IP_TRUNCATE: yes().default(false).describe("1 to hash only the network a visitor's address is in"),
  LEADKEEP_ALERT_EMAIL: z
    .string()
    .refine((text) => text === "none" || parseMailboxes(text) !== null, "is not a list of mail addresses")
    .optional()
    .describe('whom to tell when something is wrong: mail addresses, separated by commas, or "none"'),
  LEADKEEP_ALERT_WEBHOOK_URL: httpUrl()
    .optional()
    .describe("the address of a Slack, Teams or Discord webhook, or of your own, that is told when something is wrong"),
  LEADKEEP_ALERT_WEBHOOK_SHAPE: z
    .enum(["slack", "teams", "discord", "json"], "is no shape this program knows")
    .optional()
    .describe('"slack", "teams", "discord" or "json", where the address does not tell'),
  LEADKEEP_ALERT_WEBHOOK_SECRET: z
    .string()
    .optional()
    .describe('one or more secrets, separated by spaces, to sign alerts of the shape "json" with'),
  LEADKEEP_VERIFY_AT: z
    .string()
    .transform(orIssue(parseVerifyAt, "is not a time of day"))
    .optional()
    .describe('when everything is read back each night, such as 03:00 on this machine\'s clock, or "never"'),
  LEADKEEP_ALLOW_PRIVATE_NETWORK: yes().default(false).describe("1 to let destinations be on private addresses"),
  LEADKEEP_ALLOW_HOSTS: z
    .string()
    .transform(orIssue(parseHosts, "is not a list of names, addresses and ranges"))
    .optional()
    .describe("names, addresses and ranges (10.1.2.0/24) destinations may be at although private, separated by commas"),
  LEADKEEP_LOG_LEVEL: z
    .enum(["debug", "info", "warn", "error", "silent"], "is not a log level")
    .default("info")
    .describe('"debug", "info", "warn", "error" or "silent"'),
  PORT: z.coerce
    .number("must be a number")
    .int("must be a whole number")
    .min(0, "must be from 0 to 65535")
    .max(65_535, "must be from 0 to 65535")
    .default(8787)
    .describe("the port to listen on; 0 for any free one"),
  HOST: z.string().default("127.0.0.1").describe("the address to listen on, such as 127.0.0.1 or 0.0.0.0"),
  PUBLIC_URL: httpUrl().optional().describe("the address browsers know this gateway by"),
  TRUST_PROXY: z.coerce
    .number("must be a number")
    .int("must be a whole number")
    .min(0, "must be 0 or more")
    .default(0)
    .describe("how many proxies in front of this gateway may be believed (X-Forwarded-For)"),
  LEADKEEP_WORKER: yes()
    .default(true)
    .describe(
      "0 where a gateway inside an app only keeps leads, and another process on the same Postgres delivers them",
    ),
});
export type Environment = z.output<typeof environment>;

/**
 * Reads and checks the variables. `X_FILE` names a file that holds `X` (Docker secrets); an empty variable is an absent one.
 * Problems name variables, never values.
 */
export function readEnvironment(
  variables: Variables,
): { values: Environment; problems: [] } | { values: null; problems: ConfigProblem[] } {
  const problems: ConfigProblem[] = [];
  const given: Record<string, string> = {};
  for (const name of Object.keys(environment.shape)) {
    const value = variables[name] || fromFile(name, variables[`${name}_FILE`], problems);
    if (value) given[name] = value.trim();
  }
  const parsed = environment.safeParse(given);
  for (const issue of parsed.error?.issues ?? []) {
    const name = String(issue.path[0]);
    problems.push({ path: name, message: `${issue.message}.`, cure: `Set it to ${descriptionOf(name)}.` });
  }
  return parsed.success && problems.length === 0 ? { values: parsed.data, problems: [] } : { values: null, problems };
}

/** A variable, and whether and how it is set; never its value. `what` completes the sentence "Set it to …". */
export type VariableInfo = {
  name: string;
  source: "environment" | "file" | "default" | null;
  what: string;
};

/** Every variable this program reads, and where its value comes from. */
export function describeVariables(variables: Variables): VariableInfo[] {
  return Object.entries(environment.shape).map(([name, schema]) => ({
    name,
    source: variables[name]
      ? "environment"
      : variables[`${name}_FILE`]
        ? "file"
        : schema instanceof z.ZodDefault
          ? "default"
          : null,
    what: descriptionOf(name),
  }));
}

/** The process's variables over those of a `.env` file in `folder`, when there is one. */
export function variablesWithDotenv(variables: Variables, folder: string): Variables {
  const file = join(folder, ".env");
  return existsSync(file) ? { ...parseEnv(readFileSync(file, "utf8")), ...variables } : variables;
}

function fromFile(name: string, file: string | undefined, problems: ConfigProblem[]): string | undefined {
  if (!file) return undefined;
  try {
    return readFileSync(file, "utf8");
  } catch {
    const cure = "Let it name a file this user can read.";
    problems.push({ path: `${name}_FILE`, message: "names a file that cannot be read.", cure });
    return undefined;
  }
}

function descriptionOf(name: string): string {
  const { shape } = environment;
  return (name in shape && shape[name as keyof typeof shape].description) || "a valid value";
}

/** A Zod transform that turns a parser's RangeError into an issue. Its own words are not used: they quote the value. */
function orIssue<T>(parse: (text: string) => T, message: string) {
  return (text: string, context: z.RefinementCtx): T => {
    try {
      return parse(text);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      context.addIssue({ code: "custom", message });
      return z.NEVER;
    }
  };
}
