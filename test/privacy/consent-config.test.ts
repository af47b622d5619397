import { expect, test } from "vitest";
import { checkConfig, type FormConfig, type LeadkeepConfig } from "../../src/config/config.ts";
import { hubspot, mailConfirmation, webhook } from "../../src/destinations/index.ts";
import { ConfigError, type ConfigProblem } from "../../src/model/errors.ts";

const mail = { SMTP_URL: "smtp://localhost:25?tls=off", MAIL_FROM: "Northlight <hello@northlight.example>" };
const variables = { ...mail, PUBLIC_URL: "https://leads.example.com" };
const doubleOptIn = { field: "news", purpose: "marketing", text: "Send me news.", confirm: "double-opt-in" } as const;

async function problemsOf(
  consents: NonNullable<FormConfig["consents"]>,
  given: Record<string, string> = variables,
  config: LeadkeepConfig = {},
): Promise<ConfigProblem[]> {
  try {
    await checkConfig({ ...config, forms: { contact: { consents } } }, given);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

test("a form with double opt-in brings the mail that asks for confirmation", async () => {
  const ids = async (config: LeadkeepConfig) => (await checkConfig(config, variables)).destinations.map(({ id }) => id);
  expect(await ids({ forms: { contact: { consents: [doubleOptIn] } } })).toEqual([
    "mail-customer",
    "mail-confirmation",
  ]);
  expect(await ids({ forms: { contact: {} } })).toEqual(["mail-customer"]);
  expect(await ids({})).toEqual(["mail-customer"]);
});

test("a form that lists its destinations need not list the one that asks for confirmation", async () => {
  const form = { consents: [doubleOptIn], destinations: ["mail-customer"] };
  const { forms } = await checkConfig(
    { forms: { contact: form, quote: { destinations: ["mail-customer"] } } },
    variables,
  );
  expect(forms?.get("contact")?.destinations).toEqual(["mail-customer", "mail-confirmation"]);
  expect(forms?.get("quote")?.destinations).toEqual(["mail-customer"]);
});

test("double opt-in needs a mail server, an address for the link, and a wording", async () => {
  const { text: _, ...wordless } = doubleOptIn;
  expect((await problemsOf([doubleOptIn], {})).map(({ cure }) => cure)).toEqual([
    'Set SMTP_URL and MAIL_FROM, or configure mailConfirmation({ … }) as "mail-confirmation".',
    "Set PUBLIC_URL to the address browsers know this gateway by.",
  ]);
  expect((await problemsOf([wordless])).map(({ path }) => path)).toEqual(["forms.contact.consents.0.text"]);
  expect(await problemsOf([doubleOptIn])).toEqual([]);
});

test("the mail that asks for confirmation can be configured as a destination of its own", async () => {
  const own = mailConfirmation({ smtpUrl: mail.SMTP_URL, from: mail.MAIL_FROM });
  const config = { destinations: { "mail-confirmation": own } };
  expect(await problemsOf([doubleOptIn], { PUBLIC_URL: variables.PUBLIC_URL }, config)).toEqual([]);
});

test("every slip in a consent is named with its place", async () => {
  const wrong = await problemsOf([
    { field: "", purpose: " " },
    { field: "_consent", purpose: "enquiry", text: "", version: "1" },
    { field: "news", purpose: "marketing", text: "Send me news.", locale: "not a language" },
    { field: "news", purpose: "marketing", text: "Send me news.", locale: "not a language" },
    { field: "share", purpose: "partner", recipients: [""] },
    // @ts-expect-error a misspelt way to confirm
    { field: "other", purpose: "other", text: "Other.", confirm: "double-optin" },
  ]);
  expect(wrong.map(({ path }) => path).sort()).toEqual([
    "forms.contact.consents.0.field",
    "forms.contact.consents.0.purpose",
    "forms.contact.consents.1.field",
    "forms.contact.consents.1.text",
    "forms.contact.consents.2.locale",
    "forms.contact.consents.3",
    "forms.contact.consents.3.locale",
    "forms.contact.consents.4.recipients",
    "forms.contact.consents.5.confirm",
  ]);
});

test("a box in several languages is confirmed in all of them or in none", async () => {
  const german = { field: "news", purpose: "marketing", text: "Schickt mir Neues.", locale: "de" };
  expect((await problemsOf([{ ...doubleOptIn, locale: "en" }, german])).map(({ path }) => path)).toEqual([
    "forms.contact.consents.1.confirm",
  ]);
  expect(
    await problemsOf([
      { ...doubleOptIn, locale: "en" },
      { ...german, confirm: "double-opt-in" },
    ]),
  ).toEqual([]);
});

test("a destination whose name no wording has is a problem: no lead would ever reach it", async () => {
  const destinations = { crm: webhook({ url: "https://example.com", purpose: "marketing", recipient: "Example Ltd" }) };
  const named = (...recipients: string[]) =>
    problemsOf([{ field: "news", purpose: "marketing", text: "News.", recipients }], {}, { destinations });
  expect((await named("Example Limited")).map(({ message }) => message)).toEqual([
    'the wording of "news" does not name "Example Ltd", so "crm" would get no lead by it.',
  ]);
  expect(await named("Example Ltd", "Another Ltd")).toEqual([]);
});

test("a recipient is a destination's name, and only matters for destinations that rest on consent", async () => {
  const other = hubspot({ accessToken: "token", recipient: "HubSpot Ireland Ltd", basis: "contract" });
  const consents = [{ field: "consent", purpose: "enquiry", text: "Yes.", recipients: ["Example Ltd"] }];
  expect(await problemsOf(consents, {}, { destinations: { hubspot: other } })).toEqual([]);
});
