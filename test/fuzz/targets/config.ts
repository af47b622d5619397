import * as fc from "fast-check";
import * as z from "zod";
import { checkConfig, type LeadkeepConfig } from "../../../src/config/config.ts";
import { describeVariables } from "../../../src/config/environment.ts";
import {
  googleSheets,
  hubspot,
  mailConfirmation,
  mailCustomer,
  mailTeam,
  make,
  pipedrive,
  webhook,
  zapier,
} from "../../../src/destinations/index.ts";
import { ConfigError } from "../../../src/model/errors.ts";
import { field } from "../../../src/model/mapping.ts";
import { serviceAccount } from "../../../src/sandbox/vendors/google-sheets/account.ts";
import { mutatedText } from "../bytes.ts";
import { corpus } from "../corpus.ts";
import type { Target } from "../target.ts";
import { mutatedValue } from "../values.ts";

type Input = { config: unknown; variables: Record<string, string> };

/** Stands in every secret, and so must stand in no problem. */
const mark = "hUsHhUsH";
const secretNames = /SECRET|TOKEN|PASSWORD|KEY|URL|DSN/;

/** Config files and environment variables: a gateway's options, or a list of problems, and nothing else. */
export async function openConfig(): Promise<Target<Input>> {
  const names = describeVariables({}).map(({ name }) => name);
  const texts = corpus("variables").map(String);
  const figures = { right: 0, wrong: 0, problems: 0 };
  const variable = fc.constantFrom(...names, ...names.map((name) => `${name}_FILE`)).chain((name) =>
    fc.record({
      name: fc.constant(name),
      value: fc.oneof(mutatedText(texts, 2), fc.constantFrom(...(usual[name] ?? texts))),
      secret: fc.boolean(),
    }),
  );
  const variables = fc
    .array(variable, { maxLength: 3 })
    .map((list) =>
      Object.fromEntries(
        list.map(({ name, value, secret }) => [name, secret && secretNames.test(name) ? marked(value) : value]),
      ),
    );
  return {
    input: fc.record({ config: mutatedValue(configs), variables }),
    async check({ config, variables: given }) {
      try {
        const options = await checkConfig(config as LeadkeepConfig, given);
        if (!Number.isInteger(options.port)) throw new Error("options without a port");
        figures.right += 1;
      } catch (error) {
        if (!(error instanceof ConfigError)) throw error;
        assertTells(error);
        figures.wrong += 1;
        figures.problems += error.problems.length;
      }
    },
    figures: () => ({ ...figures }),
    close: async () => {},
  };
}

function assertTells({ problems, message }: ConfigError): void {
  if (problems.length === 0) throw new Error("a refusal without a problem");
  for (const { path, message: what, cure } of problems) {
    if (typeof path !== "string" || !what || !cure) throw new Error(`a problem that tells nothing at ${path}`);
  }
  const told = JSON.stringify([problems, message]);
  if (told.includes(mark)) throw new Error(`a secret is told: ${told}`);
}

function marked(value: string): string {
  const half = Math.floor(value.length / 2);
  return value.slice(0, half) + mark + value.slice(half);
}

const usual: Record<string, string[]> = {
  GOOGLE_PRIVATE_KEY: [serviceAccount().privateKey, serviceAccount().privateKey.replaceAll("\n", "\\n")],
  GOOGLE_SERVICE_ACCOUNT_EMAIL: [serviceAccount().email],
  SMTP_URL: ["smtp://user:pass@127.0.0.1:2525", "smtps://mail.example.com"],
  LEADKEEP_DATA: ["./.leadkeep", "/dev/null/x"],
};

const smtpUrl = `smtp://user:${mark}@127.0.0.1:2525`;
const secret = `${mark}-secret-0123456789`;
// Code is no part of a configuration's mistakes.
for (const { definition } of [
  hubspot,
  pipedrive,
  googleSheets,
  zapier,
  make,
  webhook,
  mailTeam,
  mailCustomer,
  mailConfirmation,
])
  Object.freeze(
    Object.defineProperty(definition, fc.toStringMethod, { value: () => `the definition of ${definition.kind}` }),
  );

/** Right ones, from which wrong ones are made. */
const configs: readonly LeadkeepConfig[] = [
  {},
  {
    forms: {
      contact: {
        name: "Contact",
        version: "2",
        fields: z.object({ message: z.string().optional() }),
        thanks: "https://example.com/thanks",
        origins: ["https://example.com", "http://localhost:3000"],
        consents: [
          { field: "consent", purpose: "enquiry", text: "You may answer.", version: "1", locale: "en-GB" },
          { field: "newsletter", purpose: "marketing", text: "News by mail.", recipients: ["HubSpot"] },
        ],
        destinations: ["crm"],
        country: "DE",
        retention: { leads: "24 months", quarantine: "30d", attempts: "never" },
        captcha: { type: "turnstile", secret },
        honeypot: ["reply_subject"],
        stamp: "expected",
        spamWords: false,
        quarantineAt: 12,
      },
      quote: { captcha: { type: "altcha", maxNumber: 50_000 }, honeypot: false, thanks: "/thanks" },
    },
    destinations: { crm: webhook({ url: "https://crm.example.com/hook", secret }) },
    retention: { leads: "2 years" },
    limits: { addressSuspect: 5, addressQuarantine: 10, address: 100, form: 1_000 },
    network: { allow: ["10.1.2.0/24", "crm.internal"] },
    verify: { at: "03:00" },
    alerts: {
      mail: ["ops@example.com"],
      webhooks: [{ url: "https://hooks.slack.com/services/x", shape: "json", secret: [secret] }],
      digest: "monday 08:00",
      waitingLongerThan: "15m",
      failures: 10,
      diskFreeBelow: "5%",
      silence: true,
      every: "30s",
    },
  },
  {
    destinations: {
      hubspot: hubspot({
        accessToken: secret,
        map: { jobtitle: field("form_data.role") },
        deal: { stage: "appointmentscheduled" },
        form: { portalId: "1", formId: "x" },
      }),
      pipedrive: pipedrive({ apiToken: secret, domain: "acme" }),
      sheets: googleSheets({
        spreadsheet: "abc",
        privateKey: serviceAccount().privateKey,
        email: serviceAccount().email,
      }),
      zapier: zapier({ url: "https://hooks.zapier.com/hooks/catch/1/abc" }),
      make: make({ url: "https://hook.eu2.make.com/abc" }),
    },
    alerts: false,
    verify: false,
  },
  {
    destinations: {
      "mail-team": mailTeam({ smtpUrl, from: "a@example.com", to: "b@example.com" }),
      "mail-customer": mailCustomer({ smtpUrl, from: "a@example.com" }),
      "mail-confirmation": mailConfirmation({ smtpUrl, from: "a@example.com" }),
    },
  },
];
