import { resolve } from "node:path";
import type { StandardSchemaV1 } from "@standard-schema/spec";
import type { Backend, EngineName } from "../ledger/engines.ts";
import type { MasterKeys } from "../ledger/sealing/master-keys.ts";
import { configureDestination } from "../model/configured-destination.ts";
import type { Destination, DestinationSpec } from "../model/destination.ts";
import { ConfigError, type ConfigProblem } from "../model/errors.ts";
import {
  type ConsentControl,
  confirmationMail,
  defaultConsents,
  defaultScreens,
  type Form,
  type FormScreens,
  isPlainId,
} from "../model/form.ts";
import type { RetentionRules } from "../model/retention.ts";
import { defaultSchedule } from "../model/schedule.ts";
import { type AlertOptions, type AlertsConfig, alertOptions, onlyShown } from "./alerts.ts";
import { consentProblems, needsConfirmation } from "./consents.ts";
import { engineProblems } from "./database-engine.ts";
import { destinationsFromVariables, unpaired } from "./destinations-from-variables.ts";
import {
  describeVariables,
  type Environment,
  readEnvironment,
  type VariableInfo,
  type Variables,
} from "./environment.ts";
import { masterKeys } from "./master-key.ts";
import { allowedHosts, type NetworkConfig } from "./network.ts";
import { type RetentionConfig, retentionRules } from "./retention.ts";
import {
  type CaptchaVariables,
  formScreens,
  type LimitsConfig,
  limitsOf,
  openScreens,
  type ScreensConfig,
} from "./screens.ts";
import { shapeProblems } from "./shape.ts";
import { type TimeOfDay, type VerifyConfig, verifyTime } from "./verify.ts";

/** A form as written in a config file. */
export type FormConfig = ScreensConfig & {
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
  /** How many submissions a minute are taken, per address and per form. @default generous: see docs/spam.md */
  limits?: LimitsConfig;
  /** When people are told that something is wrong, and how; false: only the console and the log tell. */
  alerts?: AlertsConfig | false;
  /** Private places destinations may be at. @default none */
  network?: NetworkConfig;
  /** When everything is read back each night: `{ at: "03:00" }` on this machine's clock, or false. @default 03:00 */
  verify?: VerifyConfig;
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
  /** What brings due deliveries to workers, when the ledger is in Postgres. */
  databaseEngine: EngineName;
  /** The kind of database pg-boss is on; null: Postgres. */
  databaseBackend: Backend | null;
  /** Absolute path of the data folder. */
  dataFolder: string;
  secret: string | null;
  /** Secrets used before, still accepted for tombstones and links. */
  oldSecrets: readonly string[];
  /** By which what is kept of leads is sealed; null: it is kept in clear. */
  masterKeys: MasterKeys | null;
  /** Under which key visitors' addresses are hashed. */
  ipHash: Environment["LEADKEEP_IP_HASH"];
  ipTruncate: boolean;
  retention: RetentionRules;
  /** How forms nobody configured are screened for spam. */
  openScreens: FormScreens;
  limits: LimitsConfig;
  /** When people are told that something is wrong, and how. */
  alerts: AlertOptions;
  /** When everything is read back each night; null: never. */
  verifyAt: TimeOfDay | null;
  /** Signs in to the console as owner, without an address. */
  adminPassword: string | null;
  /** A bearer token for scripts. */
  apiToken: string | null;
  /** By which a timer may have what is due delivered. */
  drainToken: string | null;
  /** By which metrics may be read from anywhere; null: only from this machine and its private network. */
  metricsToken: string | null;
  /** What forwarders may sign by; none: there are no forwarders. */
  forwardSecrets: readonly string[];
  /** What is set by which variable. */
  variables: readonly VariableInfo[];
  country: string;
  allowPrivateNetwork: boolean;
  /** Names, addresses and ranges destinations may be at although private. */
  allowHosts: readonly string[];
  logLevel: Environment["LEADKEEP_LOG_LEVEL"];
  port: number;
  host: string;
  publicUrl: string | null;
  trustProxy: number;
  /** Whether a gateway inside an app delivers what it keeps; false: another process on the same ledger does. */
  worker: boolean;
};

/**
 * Checks a config and the variables together. Nothing of it is used before all of it is right.
 * @throws {ConfigError} that lists every problem: where, what, and how to mend it
 */
export async function checkConfig(config: LeadkeepConfig, variables: Variables): Promise<Options> {
  const { values, problems: wrongVariables } = readEnvironment(variables);
  const problems: ConfigProblem[] = [...shapeProblems(config), ...wrongVariables];
  // What is of the wrong type cannot be looked at any closer.
  if (problems.length > wrongVariables.length) throw new ConfigError(problems);
  if (values) problems.push(...unpaired(values), ...engineProblems(values));
  const confirms = Object.values(config.forms ?? {}).some(needsConfirmation);
  const specs = { ...(values ? await destinationsFromVariables(values, confirms) : {}), ...config.destinations };
  const defaults = {
    schedule: values?.LEADKEEP_SCHEDULE ?? defaultSchedule,
    ...(values?.LEADKEEP_TIMEOUT === undefined ? {} : { timeoutMs: values.LEADKEEP_TIMEOUT }),
  };
  const destinations: Destination[] = [];
  for (const [id, spec] of Object.entries(specs)) {
    if (!isPlainId(id)) {
      problems.push(wrongId("destinations", id));
      continue;
    }
    const others = Object.keys(specs).filter((one) => one !== id);
    const configured = configureDestination(id, spec, defaults, others);
    problems.push(...configured.problems);
    if (configured.destination) destinations.push(configured.destination);
  }
  const country = values?.LEADKEEP_COUNTRY ?? "GB";
  const forms = config.forms ? formsOf(config.forms, country, Object.keys(specs), problems, values ?? {}) : null;
  const screens = config.forms ? defaultScreens : openScreens(values ?? {}, problems);
  const limits = limitsOf(config.limits, problems);
  if (values && config.forms) {
    problems.push(...consentProblems(config.forms, { destinations, publicUrl: values.PUBLIC_URL ?? null }));
  }
  const retention = retentionRules(config.retention, config.forms ?? {}, problems);
  const alerts = alertOptions(config.alerts === false ? onlyShown : (config.alerts ?? {}), values, problems);
  const verifyAt = verifyTime(config.verify, values?.LEADKEEP_VERIFY_AT, problems);
  const allowHosts = allowedHosts(config.network, values?.LEADKEEP_ALLOW_HOSTS, problems);
  if (!values || problems.length > 0) throw new ConfigError(problems);
  return {
    forms,
    destinations,
    databaseUrl: values.DATABASE_URL ?? null,
    databaseConnections: values.LEADKEEP_DATABASE_CONNECTIONS ?? null,
    databaseEngine: values.LEADKEEP_ENGINE,
    databaseBackend: values.LEADKEEP_BACKEND ?? null,
    dataFolder: resolve(values.LEADKEEP_DATA),
    secret: values.LEADKEEP_SECRET ?? null,
    oldSecrets: values.LEADKEEP_OLD_SECRETS,
    masterKeys: masterKeys(values.LEADKEEP_ENCRYPTION_KEY, values.LEADKEEP_OLD_ENCRYPTION_KEYS),
    ipHash: values.LEADKEEP_IP_HASH,
    ipTruncate: values.LEADKEEP_IP_TRUNCATE,
    retention,
    openScreens: screens,
    limits,
    alerts,
    verifyAt,
    adminPassword: values.LEADKEEP_ADMIN_PASSWORD ?? null,
    apiToken: values.LEADKEEP_API_TOKEN ?? null,
    drainToken: values.LEADKEEP_DRAIN_TOKEN ?? null,
    metricsToken: values.LEADKEEP_METRICS_TOKEN ?? null,
    forwardSecrets: values.LEADKEEP_FORWARD_SECRET,
    variables: describeVariables(variables),
    country,
    allowPrivateNetwork: values.LEADKEEP_ALLOW_PRIVATE_NETWORK,
    allowHosts,
    logLevel: values.LEADKEEP_LOG_LEVEL,
    port: values.PORT,
    host: values.HOST,
    publicUrl: values.PUBLIC_URL ?? null,
    trustProxy: values.TRUST_PROXY,
    worker: values.LEADKEEP_WORKER,
  };
}

/** The form nobody configured: any destination, any origin, the two well-known consents. */
export function openForm(id: string, country: string, screens: FormScreens = defaultScreens): Form {
  return { ...formOf(id, {}, country), screens };
}

function formsOf(
  configs: Record<string, FormConfig>,
  country: string,
  destinationIds: readonly string[],
  problems: ConfigProblem[],
  captchas: CaptchaVariables,
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
  return new Map(
    Object.entries(configs).map(([id, config]) => [
      id,
      { ...formOf(id, config, country), screens: formScreens(config, captchas, `forms.${id}`, problems) },
    ]),
  );
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
