import type { Alert, AlertKind, AlertSubject } from "../model/alert.ts";
import type { ToldAlert } from "./alert-desk.ts";

/** An alert as the API and the command line tell it. Times are ISO 8601. */
export type AlertJson = {
  id: string;
  kind: AlertKind;
  subject: AlertSubject | null;
  severity: Alert["severity"];
  state: Alert["state"];
  since: string;
  worsened_at: string;
  over_at: string | null;
  leads: number;
  reason: { code: string; message: string } | null;
  what: string;
  about_leads: string | null;
  cure: string | null;
  href: string;
  acknowledged: { by: string; at: string } | null;
};

export function alertJson({ words, figures, reason, acknowledged, ...told }: ToldAlert): AlertJson {
  const { id, kind, subject, severity, state, since, worsenedAt, overAt } = told;
  return {
    id,
    kind,
    subject,
    severity,
    state,
    since: iso(since),
    worsened_at: iso(worsenedAt),
    over_at: overAt === null ? null : iso(overAt),
    leads: figures.leads,
    reason: reason && { code: reason.code, message: reason.message },
    what: words.what,
    about_leads: words.leads,
    cure: words.cure,
    href: words.page,
    acknowledged: acknowledged && { by: acknowledged.by, at: iso(acknowledged.at) },
  };
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
