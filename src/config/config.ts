import { resolve } from "node:path";
import type { StandardSchemaV1 } from "@standard-schema/spec";
import { configureDestination } from "../model/configured-destination.ts";
import type { Destination, DestinationSpec } from "../model/destination.ts";
import { ConfigError, type ConfigProblem } from "../model/errors.ts";
import { type ConsentControl, confirmationMail, defaultConsents, type Form, isPlainId } from "../model/form.ts";
import type { RetentionRules } from "../model/retention.ts";
import { defaultSchedule } from "../model/schedule.ts";
import { consentProblems, needsConfirmation } from "./consents.ts";
import { destinationsFromVariables, unpaired } from "./destinations-from-variables.ts";
import {
  describeVariables,
  type Environment,
  readEnvironment,
  type VariableInfo,
  type Variables,
} from "./environment.ts";
import { type RetentionConfig, retentionRules } from "./retention.ts";

/** A form as written in a config file. */
export type FormConfig = {
  /** What people call it. @default its id */
  name?: string;
  /** Which version of the form it is, kept with every consent given by it. @default none */
  version?: string;
  /** Any Standard Schema, such as a Zod object: checks the fields before the lead is kept. */
  fields?: StandardSchemaV1;
  /** Where a browser goes afterwards: an address, or a path of the gateway's own origin. @default a built-in page */
  thanks?: string;
  /** Exact origins that may post, such as `https://example.com`. @default any */
  origins?: string[];
  /** What people are asked, and nothing else is granted. @default `consent` → enquiry, `marketing_consent` → marketing */
  consents?: ConsentControl[];
  /** Ids of the destinations its leads go to. @default all */
  destinations?: string[];
  /** Two-letter country of phone numbers without a prefix. @default LEADKEEP_COUNTRY */
  country?: string;
  /** How long its leads are kept. @default what the top level says */
  retention?: RetentionConfig;
};

/** What `leadkeep.config.ts` exports. Everything is optional; variables fill what it leaves out. */
export type LeadkeepConfig = {
  /** When absent, any form id is accepted. */
  forms?: Record<string, FormConfig>;
  /** Added to those made from variables; the same id replaces one. */
  destinations?: Record<string, DestinationSpec>;
  /** How long leads of all forms are kept. @default leads for ever, suspected spam 30 days, attempts 90 days */
  retention?: RetentionConfig;
};

/** Types a config file. */
export function defineConfig(config: LeadkeepConfig): LeadkeepConfig {
  return config;
}

/** The configuration, checked: what a gateway is made from. */
export type Options = {
  /** Null: any form id is accepted. */
  forms: ReadonlyMap<string, Form> | null;
  destinations: readonly Destination[];
  /** Postgres, which any number of gateways may share; null: the embedded ledger in the data folder. */
  databaseUrl: string | null;
  /** Connections to it this process may hold; null: as many as the store thinks right. */
  databaseConnections: number | null;
  /** Absolute path of the data folder. */
  dataFolder: string;
  secret: string | null;
  /** Secrets used before, still accepted for tombstones and links. */
  oldSecrets: readonly string[];
  /** Under which key visitors' addresses are hashed. */
  ipHash: Environment["LEADKEEP_IP_HASH"];
  ipTruncate: boolean;
  retention: RetentionRules;
  /** Signs in to the console as owner, without an address. */
  adminPassword: string | null;
  /** A bearer token for scripts. */
  apiToken: string | null;
  /** By which a timer may have what is due delivered. */
  drainToken: string | null;
  /** What is set by which variable. */
  variables: readonly VariableInfo[];
  country: string;
  allowPrivateNetwork: boolean;
  logLevel: Environment["LEADKEEP_LOG_LEVEL"];
  port: number;
  host: string;
  publicUrl: string | null;
  trustProxy: number;
};

/**
 * Checks a config and the variables together. Nothing of it is used before all of it is right.
 * @throws {ConfigError} that lists every problem: where, what, and how to mend it
 */
export async function checkConfig(config: LeadkeepConfig, variables: Variables): Promise<Options> {
  const { values, problems: wrongVariables } = readEnvironment(variables);
  const problems: ConfigProblem[] = [...wrongVariables];
  if (values) problems.push(...unpaired(values));
  const confirms = Object.values(config.forms ?? {}).some(needsConfirmation);
  const specs = { ...(values ? await destinationsFromVariables(values, confirms) : {}), ...config.destinations };
  const defaults = {
    schedule: values?.LEADKEEP_SCHEDULE ?? defaultSchedule,
    ...(values?.LEADKEEP_TIMEOUT === undefined ? {} : { timeoutMs: values.LEADKEEP_TIMEOUT }),
  };
  const destinations: Destination[] = [];
  for (const [id, spec] of Object.entries(specs)) {
    if (!isPlainId(id)) problems.push(wrongId("destinations", id));
    const others = Object.keys(specs).filter((one) => one !== id);
    const configured = configureDestination(id, spec, defaults, others);
    problems.push(...configured.problems);
    if (configured.destination) destinations.push(configured.destination);
  }
  const country = values?.LEADKEEP_COUNTRY ?? "GB";
  const forms = config.forms ? formsOf(config.forms, country, Object.keys(specs), problems) : null;
  if (values && config.forms) {
    problems.push(...consentProblems(config.forms, { destinations, publicUrl: values.PUBLIC_URL ?? null }));
  }
  const retention = retentionRules(config.retention, config.forms ?? {}, problems);
  if (!values || problems.length > 0) throw new ConfigError(problems);
  return {
    forms,
    destinations,
    databaseUrl: values.DATABASE_URL ?? null,
    databaseConnections: values.LEADKEEP_DATABASE_CONNECTIONS ?? null,
    dataFolder: resolve(values.LEADKEEP_DATA),
    secret: values.LEADKEEP_SECRET ?? null,
    oldSecrets: values.LEADKEEP_OLD_SECRETS,
    ipHash: values.LEADKEEP_IP_HASH,
    ipTruncate: values.LEADKEEP_IP_TRUNCATE,
    retention,
    adminPassword: values.LEADKEEP_ADMIN_PASSWORD ?? null,
    apiToken: values.LEADKEEP_API_TOKEN ?? null,
    drainToken: values.LEADKEEP_DRAIN_TOKEN ?? null,
    variables: describeVariables(variables),
    country,
    allowPrivateNetwork: values.LEADKEEP_ALLOW_PRIVATE_NETWORK,
    logLevel: values.LEADKEEP_LOG_LEVEL,
    port: values.PORT,
    host: values.HOST,
    publicUrl: values.PUBLIC_URL ?? null,
    trustProxy: values.TRUST_PROXY,
  };
}

/** The form nobody configured: any destination, any origin, the two well-known consents. */
export function openForm(id: string, country: string): Form {
  return formOf(id, {}, country);
}

function formsOf(
  configs: Record<string, FormConfig>,
  country: string,
  destinationIds: readonly string[],
  problems: ConfigProblem[],
): Map<string, Form> {
  for (const [id, config] of Object.entries(configs)) {
    if (!isPlainId(id)) problems.push(wrongId("forms", id));
    for (const origin of config.origins ?? []) {
      if (isOrigin(origin)) continue;
      const cure = 'Write scheme and host, and a port if there is one, and no path: "https://example.com".';
      problems.push({ path: `forms.${id}.origins`, message: `"${origin}" is not an origin.`, cure });
    }
    for (const name of config.destinations ?? []) {
      if (destinationIds.includes(name)) continue;
      const cure = `Use one of: ${destinationIds.join(", ") || "(none is configured)"}.`;
      problems.push({ path: `forms.${id}.destinations`, message: `there is no destination "${name}".`, cure });
    }
    if (config.thanks !== undefined && !isThanks(config.thanks)) {
      const cure = 'Write an address ("https://example.com/thanks") or a path ("/thanks").';
      problems.push({ path: `forms.${id}.thanks`, message: "is not an address.", cure });
    }
  }
  return new Map(Object.entries(configs).map(([id, config]) => [id, formOf(id, config, country)]));
}

function formOf(id: string, config: FormConfig, country: string): Form {
  return {
    id,
    name: config.name ?? id,
    version: config.version ?? null,
    fields: config.fields ?? null,
    thanks: config.thanks ?? null,
    origins: config.origins ?? [],
    consents: config.consents ?? defaultConsents,
    otherPurposes: config.consents === undefined,
    destinations: destinationsOf(config),
    country: config.country ?? country,
  };
}

/** A form that lists its destinations need not list the one it asks for confirmation by. */
function destinationsOf(config: FormConfig): Form["destinations"] {
  if (!config.destinations || !needsConfirmation(config)) return config.destinations ?? null;
  return [...new Set([...config.destinations, confirmationMail])];
}

function wrongId(list: string, id: string): ConfigProblem {
  const cure = "Use lower-case letters, digits and hyphens, at most 64.";
  return { path: `${list}.${id}`, message: "is not a usable id.", cure };
}

function isOrigin(text: string): boolean {
  return URL.canParse(text) && new URL(text).origin === text;
}

function isThanks(text: string): boolean {
  return /^\/(?![/\\])/.test(text) || (URL.canParse(text) && /^https?:$/.test(new URL(text).protocol));
}
