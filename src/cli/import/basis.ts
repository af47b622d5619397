import type { ConsentEvent } from "../../model/consent.ts";
import type { Json } from "../../model/json.ts";
import type { BasisName, DateOrder } from "./choices.ts";
import { readTime } from "./times.ts";

/** Options that say on what ground the leads of a file are kept. */
export type BasisOptions = {
  basis?: BasisName;
  purpose?: string;
  consentText?: string;
  consentTextColumn?: string;
  consentVersion?: string;
  consentAt?: number;
  consentAtColumn?: string;
  consentColumn?: string;
};

/** The ground the leads of a file are kept on; with consent, what can be shown of it. */
export type Basis =
  | { type: "legitimate-interest" | "contract" }
  | {
      type: "consent";
      purpose: string;
      text: { is: string } | { column: string };
      version: string | null;
      at: { is: number } | { column: string };
      /** The column that says yes or no; null: everybody in the file agreed. */
      column: string | null;
    };

const purposeName = /^\p{L}[\p{L}\p{N} _.:/-]{0,63}$/u;

/** Said when no ground is given. */
export const whyBasis = [
  "An import needs its legal basis: leads of people who were never asked must not be used as if they had been.",
  "  --basis consent              they agreed. Show it: --purpose enquiry --consent-text <wording they saw>",
  "                               (or --consent-text-column), --consent-at-column <when> (or --consent-at <time>),",
  "                               and --consent-column <column with yes or no> when not everybody did",
  "  --basis legitimate-interest  you have weighed it, and written that down (GDPR article 6(1)(f)); no consent is recorded,",
  "                               so destinations that need one withhold these leads",
  "  --basis contract             they are needed for a contract with the person (article 6(1)(b)); likewise",
  "More: docs/import.md",
];

/** The ground these options tell of, or everything that is lacking. */
export function readBasis(options: BasisOptions): { basis: Basis } | { problems: string[] } {
  const { basis, purpose, consentText, consentTextColumn, consentVersion, consentAt, consentAtColumn, consentColumn } =
    options;
  if (basis === undefined) return { problems: whyBasis };
  const details = {
    purpose,
    consentText,
    consentTextColumn,
    consentVersion,
    consentAt,
    consentAtColumn,
    consentColumn,
  };
  if (basis !== "consent") {
    const given = Object.values(details).some((one) => one !== undefined);
    return given
      ? { problems: [`--basis ${basis} takes no --purpose and no --consent-…: no consent is recorded.`] }
      : { basis: { type: basis } };
  }
  const problems: string[] = [];
  if (purpose === undefined) problems.push("--purpose is lacking: what they agreed to, such as enquiry or marketing.");
  else if (!purposeName.test(purpose))
    problems.push("--purpose is no name of a purpose, such as enquiry or marketing.");
  if (!exactlyOne(consentText?.trim(), consentTextColumn))
    problems.push(
      "Give --consent-text <wording> or --consent-text-column <column>: the wording people saw, word for word.",
    );
  if (!exactlyOne(consentAt, consentAtColumn))
    problems.push("Give --consent-at-column <column> or --consent-at <time>: when they agreed.");
  if (problems.length > 0 || purpose === undefined) return { problems };
  return {
    basis: {
      type: "consent",
      purpose,
      text: consentTextColumn === undefined ? { is: consentText?.trim() ?? "" } : { column: consentTextColumn },
      version: consentVersion ?? null,
      at: consentAtColumn === undefined ? { is: consentAt ?? 0 } : { column: consentAtColumn },
      column: consentColumn ?? null,
    },
  };
}

/** Columns the ground is read from. */
export function columnsOf(basis: Basis): string[] {
  if (basis.type !== "consent") return [];
  const { text, at, column } = basis;
  return ["column" in text ? text.column : [], "column" in at ? at.column : [], column ?? []].flat();
}

/** The consent of one row, read by its columns' own names; a problem when it cannot be shown. */
export function consentsOf(
  basis: Basis,
  cells: ReadonlyMap<string, Json>,
  { now, order }: { now: number; order: DateOrder | undefined },
): { consents: ConsentEvent[] } | { problem: string } {
  if (basis.type !== "consent") return { consents: [] };
  const { purpose, version, column } = basis;
  const answer = column === null ? true : cells.get(column);
  if (answer === undefined) return { consents: [] };
  const granted = saysYes(answer);
  if (granted === null) return { problem: "the consent's column says neither yes nor no" };
  const text = "is" in basis.text ? basis.text.is : textIn(cells, basis.text.column);
  const at = "is" in basis.at ? basis.at.is : readTime(textIn(cells, basis.at.column) ?? "", order);
  if (granted && text === null) return { problem: "the wording of the consent is lacking" };
  if (granted && at === null) return { problem: "the time of the consent is lacking, or is none" };
  if (at !== null && at > now) return { problem: "the time of the consent is in the future" };
  const action = granted ? ("granted" as const) : ("refused" as const);
  const common = { purpose, action, text, version, source: "import" as const, control: column, pageUrl: null };
  return { consents: [{ ...common, at: at ?? now }] };
}

const yesWords = ["true", "yes", "y", "on", "1", "x", "ja", "j", "oui", "si", "sí", "granted"];
const noWords = ["false", "no", "n", "off", "0", "nein", "non", "refused", "withdrawn"];

/** Null for a word that is neither: nobody is taken to have agreed, or refused, by a guess. */
function saysYes(answer: Json): boolean | null {
  const word = String(answer).trim().toLowerCase();
  return yesWords.includes(word) ? true : noWords.includes(word) ? false : null;
}

function textIn(cells: ReadonlyMap<string, Json>, column: string): string | null {
  const value = cells.get(column);
  if (typeof value === "number") return String(value);
  return typeof value === "string" && value.trim() !== "" ? value : null;
}

function exactlyOne(a: unknown, b: unknown): boolean {
  return [a, b].filter((one) => one !== undefined && one !== "").length === 1;
}
