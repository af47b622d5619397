import type { LeadRow } from "../api/types.ts";
import { spamWords } from "../i18n/spam.ts";
import { useWords } from "../i18n/words.ts";

type Screening = NonNullable<LeadRow["screening"]>;

/** What the screens found, in words where the console has some, the weightiest first; and how much that is in all. */
export function SpamReasons({ screening: { score, reasons, awaiting } }: { screening: Screening }) {
  const t = useWords(spamWords);
  const told = reasons
    .toSorted((one, other) => other.points - one.points)
    .map(({ code, message }) => (isKnown(code) ? t(code) : message));
  if (score > 0) told.push(t("score", { score }));
  if (awaiting !== undefined) told.push(t("awaiting"));
  return <bdi>{told.join(" · ")}</bdi>;
}

/** Codes of screens, none of which takes a value. */
type Code = Exclude<keyof (typeof spamWords)["en"], "score" | "removing" | "byHand">;

function isKnown(code: string): code is Code {
  return code in spamWords.en && !["score", "removing", "byHand"].includes(code);
}
