import { activityWords } from "../../i18n/activity.ts";
import { shellWords } from "../../i18n/shell.ts";
import { states } from "../../i18n/states.ts";
import { useWords } from "../../i18n/words.ts";
import type { Deed } from "./deeds.ts";

/** Says what was done. `nameOf`: what people call a destination. An act this console does not know is said as recorded. */
export function useDeedWords(nameOf: (destination: string) => string): (deed: Deed) => string {
  const t = useWords(activityWords);
  const tShell = useWords(shellWords);
  const word = useWords(states);

  function workOf(changes: string): string {
    const parts = changes.split(", ").map((change) => {
      const [, stage] = /^stage (new|working|done)$/.exec(change) ?? [];
      if (stage === "new" || stage === "working" || stage === "done")
        return t("work-stage", { detail: word(`stage-${stage}`) });
      const known = (["assigned", "unassigned", "note", "unchanged"] as const).find((one) => one === change);
      return known ? t(`work-${known}`) : change;
    });
    return parts.join(", ");
  }
  function fieldsOf(names: string): string {
    const known = ["name", "email", "role", "password"] as const;
    return names
      .split(", ")
      .map((name) => known.find((one) => one === name))
      .map((name) => (name ? t(`field-${name}`) : ""))
      .filter(Boolean)
      .join(", ");
  }
  function roleOf(name: string): string {
    const role = (["owner", "operator", "viewer"] as const).find((one) => one === name);
    return role ? tShell(role) : name;
  }

  return ({ act, subject: thing, count }) => {
    const subject = nameOf(thing ?? "");
    const [name = "", detail = ""] = act.split(/: (.*)/s);
    switch (name) {
      case "sign in":
      case "acknowledge":
        return t(name);
      case "pause":
      case "resume":
      case "resync":
        return t(name, { subject });
      case "replay":
      case "redeliver":
        return t(name, { count, subject });
      case "verify":
      case "verify and repair":
        return t(thing === "all" ? `${name}-all` : name, { subject });
      case "erase":
      case "export":
      case "release":
        return t(name, { count });
      case "cancel":
        return t(detail === "handled_by_hand" ? "byHand" : "stop", { count, subject });
      case "consent granted":
        return t("consent-granted", { detail });
      case "consent withdrawn":
        return t("consent-withdrawn", { detail });
      case "consent requested":
        return t("consent-requested", { detail });
      case "consent refused":
        return t("consent-refused", { detail });
      case "send test lead":
        return t("test", { detail: nameOf(detail) });
      case "add person":
        return t("addPerson", { detail: roleOf(detail) });
      case "change person":
        return t("changePerson", { detail: fieldsOf(detail) });
      case "remove person":
        return t("removePerson");
      case "make token":
        return t("makeToken", { detail });
      case "end token":
        return t("endToken");
      case "work":
        return t("work", { detail: workOf(detail) });
      case "retention": {
        const [ended, what] = detail.split(" ");
        const words = what === "attempts" ? "retentionAttempts" : "retentionLeads";
        return t(words, { count: Number(ended), subject });
      }
      default:
        return [act, subject].filter(Boolean).join(" · ");
    }
  };
}
