import type { Verification } from "../../api/types.ts";
import { completenessWords } from "../../i18n/completeness.ts";
import { useWords } from "../../i18n/words.ts";

/** Who had a look taken. */
export function useByWords(): (run: Pick<Verification, "by">) => string {
  const t = useWords(completenessWords);
  return ({ by: { type, name } }) => {
    if (type === "machine") return t("bySelf");
    return type === "command" ? t("byCommand") : name;
  };
}
