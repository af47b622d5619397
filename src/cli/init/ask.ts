import type { Readable, Writable } from "node:stream";
import * as prompts from "@clack/prompts";
import {
  type Answers,
  defaultConsentText,
  defaultFields,
  fieldsIn,
  fieldsProblem,
  formProblem,
  publicUrlProblem,
  variableProblem,
  versionProblem,
  wordingProblem,
} from "./answers.ts";
import { type DestinationChoice, frameworkIds } from "./choices.ts";
import { destinationChoices, variablesOf, whatIs } from "./destination-choices.ts";
import { frameworkNames } from "./frameworks.ts";

/** Where a person sits. */
export type Terminal = { input: Readable; output: Writable };

/** The person has pressed Ctrl+C or Escape: nothing is to be written. */
export class Cancelled extends Error {}

/** What flags have answered already is not asked. */
export type Given = Partial<Omit<Answers, "framework">> & { framework: Answers["framework"]; frameworkGiven: boolean };

/** Asks a person for every answer that is not given. `known`: variables `.env` has already. @throws Cancelled */
export async function askAnswers(given: Given, known: ReadonlySet<string>, terminal: Terminal): Promise<Answers> {
  const { framework: detected, frameworkGiven } = given;
  const framework = frameworkGiven ? detected : await askFramework(detected, terminal);
  const form = given.form ?? (await askText("What is the form called?", "contact", formProblem, terminal));
  const fields = given.fields ?? fieldsIn(await askFields(terminal));
  const consents = given.consents ?? (await askConsents(terminal));
  const destinations = given.destinations ?? (await askDestinations(terminal));
  const variables = await askVariables(destinations, { ...given.variables }, known, terminal);
  const publicUrl =
    given.publicUrl !== undefined || known.has("PUBLIC_URL") ? (given.publicUrl ?? null) : await askUrl(terminal);
  return { framework, form, fields, consents, destinations, variables, publicUrl };
}

/** Whether what was shown is to be written. */
export async function askWhether(message: string, terminal: Terminal): Promise<boolean> {
  return answered(await prompts.confirm({ message, ...terminal }));
}

async function askFramework(initialValue: Answers["framework"], terminal: Terminal) {
  const options = frameworkIds.map((value) => ({ value, label: frameworkNames[value] }));
  return answered(
    await prompts.select<Answers["framework"]>({
      message: "What is the site built with?",
      options,
      initialValue,
      ...terminal,
    }),
  );
}

function askFields(terminal: Terminal): Promise<string> {
  const check = (text: string) => fieldsProblem(fieldsIn(text));
  return askText("Which fields does it have?", defaultFields.join(", "), check, terminal);
}

async function askConsents(terminal: Terminal): Promise<Answers["consents"]> {
  const message = "What does the box say by which people let you pass their enquiry on?";
  const text = await askText(message, defaultConsentText, wordingProblem, terminal);
  const version = await askText("Which version of that wording is it?", "1", versionProblem, terminal);
  const also = await prompts.confirm({ message: "Ask for marketing as well?", initialValue: false, ...terminal });
  if (!answered(also)) return [{ purpose: "enquiry", text, version }];
  const marketing = await askText("What does that box say?", "", wordingProblem, terminal);
  const marketingVersion = await askText("Which version of it?", "1", versionProblem, terminal);
  return [
    { purpose: "enquiry", text, version },
    { purpose: "marketing", text: marketing, version: marketingVersion },
  ];
}

async function askDestinations(terminal: Terminal): Promise<DestinationChoice[]> {
  const options = destinationChoices.map(({ id, label }) => ({ value: id, label }));
  const message = "Where are leads to go? (space chooses, return goes on; none is fine)";
  return answered(await prompts.multiselect<DestinationChoice>({ message, options, required: false, ...terminal }));
}

/** A secret goes straight into `.env`, and shows as dots while it is typed. */
async function askVariables(
  destinations: readonly DestinationChoice[],
  variables: Record<string, string>,
  known: ReadonlySet<string>,
  terminal: Terminal,
): Promise<Record<string, string>> {
  for (const { name, secret } of variablesOf(destinations)) {
    if (known.has(name) || variables[name] !== undefined) continue;
    const message = `${name}: ${whatIs(name)} (return: later, in .env)`;
    const validate = (text: string | undefined) => (text ? variableProblem(name, text.trim()) : undefined);
    const ask = secret ? prompts.password : prompts.text;
    const value = answered(await ask({ message, validate, ...terminal }));
    if (value) variables[name] = value.trim();
  }
  return variables;
}

async function askUrl(terminal: Terminal): Promise<string | null> {
  const validate = (text: string | undefined) => (text ? publicUrlProblem(text.trim()) : undefined);
  const message = "Under which address will people reach it, such as https://www.example.com? (return: later)";
  return answered(await prompts.text({ message, validate, ...terminal }))?.trim() || null;
}

/** A line of text; return alone takes what is proposed. */
async function askText(
  message: string,
  proposed: string,
  problem: (text: string) => string | undefined,
  terminal: Terminal,
): Promise<string> {
  const given = await prompts.text({
    message,
    ...(proposed ? { placeholder: proposed, defaultValue: proposed } : {}),
    validate: (text) => problem(text?.trim() || proposed),
    ...terminal,
  });
  return answered(given).trim();
}

function answered<T>(value: T | typeof prompts.CANCEL_SYMBOL): T {
  if (prompts.isCancel(value)) throw new Cancelled();
  return value as T;
}
