import { Problem } from "../api/problem.ts";
import { common } from "../i18n/common.ts";
import { useWords } from "../i18n/words.ts";

/** What an error means to a person, and what they can do. */
export function useProblemWords(): (error: unknown) => { title: string; cure: string | null } {
  const t = useWords(common);
  return (error) => {
    if (!(error instanceof Problem)) return { title: t("wrong"), cure: error instanceof Error ? error.message : null };
    if (error.status === 0) return { title: t("unreachable"), cure: t("unreachableCure") };
    if (error.code === "forbidden") return { title: t("forbidden"), cure: t("forbiddenCure") };
    if (error.status === 404) return { title: t("gone"), cure: error.detail };
    const fields = error.errors.map(({ field, message }) => `${field}: ${message}`).join(" · ");
    return { title: t("wrong"), cure: [error.message, fields].filter(Boolean).join(" ") };
  };
}
