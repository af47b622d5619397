import { type Answers, type ConsentAnswer, defaultConsentText } from "./answers.ts";
import { boxOf, titleOf } from "./form-text.ts";

const packageLine = 'import { defineConfig } from "leadkeep";';

/** `leadkeep.config.*`: the form and its wordings. Destinations stay in `.env`, so that each place has its own. */
export function configText({ form, consents }: Pick<Answers, "form" | "consents">): string {
  const lines = [
    packageLine,
    "",
    "export default defineConfig({",
    "  forms: {",
    `    ${isName(form) ? form : quoted(form)}: {`,
    `      name: ${quoted(titleOf(form))},`,
    "      // What people are asked, word for word, as the form shows it. A new wording gets a new version.",
    "      consents: [",
    ...consents.flatMap(consentLines),
    "      ],",
    "    },",
    "  },",
    "});",
  ];
  return `${lines.join("\n")}\n`;
}

/** True while the wording is the one `init` proposes: it cannot know whom the site passes enquiries on to. */
export function isProposed({ text }: Pick<ConsentAnswer, "text">): boolean {
  return text === defaultConsentText;
}

function consentLines(consent: ConsentAnswer): string[] {
  const { purpose, text, version } = consent;
  const entries = { field: boxOf(consent), purpose, text, version };
  const body = Object.entries(entries).map(([name, value]) => `          ${name}: ${quoted(value)},`);
  return ["        {", ...body, "        },"];
}

function quoted(text: string): string {
  return JSON.stringify(text);
}

function isName(id: string): boolean {
  return /^[a-z][a-z0-9]*$/.test(id);
}
