import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseEnv } from "node:util";
import * as z from "zod";
import type { ConfigProblem } from "../model/errors.ts";
import { parseDuration, parseSchedule } from "../model/schedule.ts";

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
    .default(10_000)
    .describe("the longest one attempt may take, such as 10s"),
  LEADKEEP_COUNTRY: z
    .string()
    .regex(/^[A-Za-z]{2}$/, "is not a two-letter country code")
    .transform((text) => text.toUpperCase())
    .default("GB")
    .describe("the two-letter code of the country whose phone numbers need no prefix, such as GB"),
  LEADKEEP_DATA: z.string().default("./.leadkeep").describe("the folder that holds the ledger and the secret"),
  LEADKEEP_SECRET: z
    .string()
    .min(16, "is shorter than 16 characters")
    .optional()
    .describe("at least 16 random characters, or leave it out to have one made"),
  LEADKEEP_ALLOW_PRIVATE_NETWORK: yes().default(false).describe("1 to let destinations be on private addresses"),
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
});
export type Environment = z.output<typeof environment>;

/** Variables of the contract whose destinations this version does not have yet: named at start, never passed over in silence. */
export const notYetSupported = ["HUBSPOT_ACCESS_TOKEN", "PIPEDRIVE_API_TOKEN", "GOOGLE_SHEET_ID", "SMTP_URL"] as const;

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
