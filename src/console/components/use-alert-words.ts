import type { Alert } from "../api/types.ts";
import { alertKindWords } from "../i18n/alert-kinds.ts";
import { useLanguage } from "../i18n/language.tsx";
import { useWords } from "../i18n/words.ts";
import { useDestinationName } from "./use-destination-name.ts";

/** An alert in the viewer's language. */
export type ToldAlert = {
  what: string;
  /** What has become of the leads. */
  leads: string | null;
  /** Null when it is over. */
  cure: string | null;
  /** The console's page about it. */
  href: string;
};

/** The API speaks English; in another language the kind of the alert has words here, and the reason is added as it is. */
export function useAlertWords(): (alert: Alert) => ToldAlert {
  const t = useWords(alertKindWords);
  const { language } = useLanguage();
  const nameOf = useDestinationName();
  return (alert) => {
    const { kind, subject, state, leads: count, reason, about_leads, cure } = alert;
    const href = hrefOf(alert);
    if (language === "en") return { what: alert.what, leads: about_leads, cure, href };
    const id = subject?.id ?? "";
    const name = subject?.type === "destination" ? nameOf(id) : id;
    const over = state === "over";
    const variant = variantOf(alert);
    const what = over ? t(`over-${kind}`, { name }) : t(`what-${variant}`, { name, count });
    const why = !over && variant === kind && reason !== null ? ` (${reason.message})` : "";
    const left = about_leads === null || (over && count === 0) ? null : t(over ? "stillOut" : "waiting", { count });
    return { what: `${what}${why}`, leads: left, cure: over ? null : t(`cure-${kind}`), href };
  };
}

/** What the console has a page of its own for. */
function hrefOf({ kind, href }: Alert): string {
  switch (kind) {
    case "leads_missing":
      return "/completeness";
    default:
      return href;
  }
}

/** Leads may wait long for a reason of its own, which the words then say. */
function variantOf({ kind, reason }: Alert): Alert["kind"] | "waiting_long-not_configured" | "waiting_long-paused" {
  switch (kind) {
    case "waiting_long":
      if (reason === null) return kind;
      return reason.code === "not_configured" ? "waiting_long-not_configured" : "waiting_long-paused";
    default:
      return kind;
  }
}
