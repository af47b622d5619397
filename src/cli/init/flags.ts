import {
  type Answers,
  type ConsentAnswer,
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
import type { Given } from "./ask.ts";
import type { DestinationChoice, FrameworkId } from "./choices.ts";
import { openVariables } from "./destination-choices.ts";
import { detectFramework } from "./detect.ts";
import type { Project } from "./project.ts";

/** Every answer as a flag of the command line. */
export type InitFlags = {
  framework?: FrameworkId;
  form?: string;
  fields?: string;
  destination?: DestinationChoice[];
  consentText?: string;
  consentVersion?: string;
  marketingText?: string;
  marketingVersion?: string;
  mailFrom?: string;
  mailTo?: string;
  publicUrl?: string;
  /** `NAME=value`, of variables that are no secret. */
  set?: string[];
  yes: boolean;
  dryRun: boolean;
  beside: boolean;
  json: boolean;
};

/** Said where answers are lacking and nobody can be asked. */
export const nobodyToAsk = [
  "Nobody can be asked here: this is no terminal. Give the answers as flags, with --yes to write or --dry-run to look:",
  "  --framework <name>          what the site is built with; found out when left out",
  "  --form <id>                 contact",
  "  --fields <names>            name,email,phone,message",
  "  --consent-text <wording>    what the consent box says; --consent-version <version>",
  "  --marketing-text <wording>  a second box; --marketing-version <version>",
  "  --destination <id>          hubspot, pipedrive, sheets, zapier, make, webhook, mail; once for each",
  "  --mail-from, --mail-to      sender, and whom to tell of leads",
  "  --public-url <url>          the address people reach it under",
  "  --set <NAME=value>          a variable that is no secret; secrets belong into .env",
  "  leadkeep init --yes --form contact --destination hubspot",
];

/** Everything wrong with the flags, each with the flag in front. */
export function flagProblems(flags: InitFlags): string[] {
  const { form, fields, consentText, consentVersion, marketingText, marketingVersion, publicUrl } = flags;
  const check = (flag: string, value: string | undefined, problem: (value: string) => string | undefined) => {
    const found = value === undefined ? undefined : problem(value);
    return found === undefined ? [] : [`${flag}: ${found}`];
  };
  return [
    ...check("--form", form, formProblem),
    ...check("--fields", fields, (text) => fieldsProblem(fieldsIn(text))),
    ...check("--consent-text", consentText, wordingProblem),
    ...check("--consent-version", consentVersion, versionProblem),
    ...check("--marketing-text", marketingText, wordingProblem),
    ...check("--marketing-version", marketingVersion, versionProblem),
    ...(marketingVersion !== undefined && marketingText === undefined
      ? ["--marketing-version: goes with --marketing-text."]
      : []),
    ...check("--mail-from", flags.mailFrom, (text) => variableProblem("MAIL_FROM", text)),
    ...check("--mail-to", flags.mailTo, (text) => variableProblem("MAIL_TO", text)),
    ...check("--public-url", publicUrl, publicUrlProblem),
    ...(flags.set ?? []).flatMap((entry) => check("--set", entry, settingProblem)),
  ];
}

function settingProblem(entry: string): string | undefined {
  const name = nameIn(entry);
  if (!entry.includes("=")) return "Write NAME=value.";
  if ((openVariables as readonly string[]).includes(name)) return variableProblem(name, valueIn(entry));
  return `${name} cannot be given here, where others may read along: write it into .env. Possible: ${openVariables.join(", ")}.`;
}

function nameIn(entry: string): string {
  return entry.split("=", 1)[0] ?? "";
}

function valueIn(entry: string): string {
  return entry.slice(nameIn(entry).length + 1);
}

/** The answers of the flags. A sender, or whom to tell, asks for mail. */
export function answersGiven(flags: InitFlags, project: Project): Given {
  const { framework, form, fields, mailFrom, mailTo, publicUrl } = flags;
  const variables = {
    ...Object.fromEntries((flags.set ?? []).map((entry) => [nameIn(entry), valueIn(entry)])),
    ...(mailFrom === undefined ? {} : { MAIL_FROM: mailFrom }),
    ...(mailTo === undefined ? {} : { MAIL_TO: mailTo }),
  };
  const wantsMail = mailFrom !== undefined || mailTo !== undefined;
  const destinations = [...new Set([...(flags.destination ?? []), ...(wantsMail ? ["mail" as const] : [])])];
  const consents = consentsGiven(flags);
  return {
    framework: framework ?? detectFramework(project),
    frameworkGiven: framework !== undefined,
    variables,
    ...(form === undefined ? {} : { form }),
    ...(fields === undefined ? {} : { fields: fieldsIn(fields) }),
    ...(consents.length === 0 ? {} : { consents }),
    ...(destinations.length === 0 ? {} : { destinations }),
    ...(publicUrl === undefined ? {} : { publicUrl }),
  };
}

function consentsGiven({ consentText, consentVersion, marketingText, marketingVersion }: InitFlags): ConsentAnswer[] {
  const isGiven = [consentText, consentVersion, marketingText].some((one) => one !== undefined);
  if (!isGiven) return [];
  const enquiry: ConsentAnswer = {
    purpose: "enquiry",
    text: oneLine(consentText ?? defaultConsentText),
    version: consentVersion ?? "1",
  };
  if (marketingText === undefined) return [enquiry];
  return [enquiry, { purpose: "marketing", text: oneLine(marketingText), version: marketingVersion ?? "1" }];
}

/** Answers without anybody to ask. */
export function byDefault({ framework, ...given }: Given): Answers {
  return {
    framework,
    form: given.form ?? "contact",
    fields: given.fields ?? defaultFields,
    consents: given.consents ?? [{ purpose: "enquiry", text: defaultConsentText, version: "1" }],
    destinations: given.destinations ?? [],
    variables: given.variables ?? {},
    publicUrl: given.publicUrl ?? null,
  };
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, " ").trim();
}
