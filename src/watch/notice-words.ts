import type { Alert, Notice } from "../model/alert.ts";
import { deadLetterCure, pauseCure } from "../model/cure.ts";

/** What words need to know beside the alert. */
export type Surroundings = {
  /** Epoch milliseconds. */
  now: number;
  /** IANA name of the zone times are told in. A function, because to find out its own takes Node as long as 10 ms. */
  zone(): string;
  /** The console's address without a slash at its end; null when it is not known from outside. */
  consoleUrl: string | null;
  /** What people call a destination. */
  labelOf(destination: string): string;
};

/** An alert in a person's words, each one or two sentences; what does not apply is null. */
export type AlertWords = {
  what: string;
  /** How many leads, and what has become of them. */
  leads: string | null;
  /** What to do; null when it is over. */
  cure: string | null;
  /** The console's page about it, below `/console`. */
  page: string;
};

/** A notice in a person's words. */
export type NoticeWords = {
  subject: string;
  sections: (AlertWords & { since: string; link: string | null })[];
  footer: string;
};

/** A notice about alerts, in words. */
export function noticeWords({ type, alerts }: Notice, surroundings: Surroundings): NoticeWords {
  const sections = alerts.map((alert) => {
    const words = alertWords(alert, surroundings);
    const { consoleUrl } = surroundings;
    return { ...words, since: sinceWords(alert, surroundings), link: consoleUrl && `${consoleUrl}${words.page}` };
  });
  const [first] = sections;
  const begin = { opened: "", worse: "Worse: ", over: "Over: ", digest: "" }[type];
  const more = sections.length > 1 ? ` (and ${sections.length - 1} more)` : "";
  return {
    subject: `${begin}${first?.what.replace(/\.$/, "") ?? "Leadkeep"}${more}`,
    sections,
    footer:
      type === "over"
        ? "This is over. Nothing has to be done about it any more."
        : "You are told again only when it gets worse, and once when it is over.",
  };
}

/** What is wrong, in words. */
export function alertWords(alert: Alert, { labelOf, now }: Surroundings): AlertWords {
  const { kind, subject, figures, reason, state } = alert;
  const id = subject?.id ?? "";
  const name = subject?.type === "destination" ? labelOf(id) : id;
  const { leads } = figures;
  const message = reason ? `: ${reason.message}` : "";
  const waiting =
    leads === 0 ? "No lead waits for it." : `${count(leads)} ${leads === 1 ? "waits" : "wait"} for it; none is lost.`;
  const stillOut =
    leads === 0 ? "What waited has gone out." : `${count(leads)} still ${leads === 1 ? "waits" : "wait"}.`;
  const atDestination = (what: string, over: string, cure: string): AlertWords =>
    state === "over"
      ? { what: over, leads: stillOut, cure: null, page: `/destinations/${id}` }
      : { what, leads: waiting, cure, page: `/destinations/${id}` };
  const other = (what: string, over: string, cure: string, page: string): AlertWords =>
    state === "over" ? { what: over, leads: null, cure: null, page } : { what, leads: null, cure, page };

  switch (kind) {
    case "destination_blocked":
      return atDestination(
        `${name} is paused${message}.`,
        `${name} takes leads again.`,
        `${pauseCure(reason?.code ?? "")} What waits goes out by itself then (leadkeep resume ${id}, or the console).`,
      );
    case "destination_down":
      return atDestination(
        `${name} does not answer as it should.`,
        `${name} answers again.`,
        `It is tried again by itself, and what waits follows once it answers. To see why: leadkeep doctor ${id}.`,
      );
    case "destination_failing":
      return atDestination(
        `The last ${figures.failures || "few"} attempts at ${name} failed, one after the other.`,
        `Leads arrive at ${name} again.`,
        `They are tried again by themselves. To see why: leadkeep doctor ${id}, or the attempts in the console.`,
      );
    case "waiting_long":
      return { ...atDestination(...waitingWords(alert, name, id)), page: `/leads?destination=${id}&delivery=pending` };
    case "dead_letters":
      return {
        ...other(
          `${count(leads)} ${leads === 1 ? "has" : "have"} not reached ${name} and ${leads === 1 ? "is" : "are"} not tried again${message}.`,
          `No lead is left that has not reached ${name} for this reason${message}.`,
          `${deadLetterCure(reason?.code ?? "")} All of them again: leadkeep replay --dead --destination ${id}.`,
          `/dead-letters?destination=${id}`,
        ),
        leads: state === "over" ? null : `${count(leads)}, kept here with everything that was sent.`,
      };
    case "leads_missing":
      return other(
        `${count(leads)} delivered to ${name} ${leads === 1 ? "is" : "are"} not there any more.`,
        `Everything delivered to ${name} is there.`,
        `Send what is missing again: leadkeep verify ${id} --repair.`,
        "/completeness",
      );
    case "quarantine_full":
      return other(
        `${count(leads)} lie in quarantine; about ${figures.usual ?? 0} are usual.`,
        "The quarantine is as full as usual.",
        "Look through it: release what is not spam, and it is delivered.",
        "/quarantine",
      );
    case "disk_low":
      return other(
        `The disk that keeps the leads has ${size(figures.freeBytes ?? 0)} of ${size(figures.totalBytes ?? 0)} left.`,
        "The disk that keeps the leads has room again.",
        "Make room or enlarge it. When it is full, forms are answered with 503 until there is room.",
        "/setup",
      );
    case "worker_gone":
      return {
        ...other(
          "Leads are kept, but nobody delivers them.",
          "Leads are delivered again.",
          "Start a gateway that delivers (leadkeep start, or gateway.start()), or have a timer call POST /internal/drain.",
          "/",
        ),
        leads: state === "over" ? null : `${count(leads)} ${leads === 1 ? "waits" : "wait"}; none is lost.`,
      };
    case "form_silent":
      return other(
        `No lead has come by the form “${id}” for ${duration(now - (figures.oldestAt ?? now))}; about ${leads} ${leads === 1 ? "was" : "were"} to be expected.`,
        `Leads come by the form “${id}” again.`,
        "Open the page and send the form once. If nothing arrives, see whether the site was changed, and where the form posts to.",
        `/leads?form=${id}`,
      );
    case "mail_failing":
      return other(
        `Alerts cannot be sent by mail${message}.`,
        "Alerts can be sent by mail again.",
        "Check SMTP_URL, MAIL_FROM and the address alerts go to: leadkeep doctor mail. What waits is sent later.",
        "/setup",
      );
    case "webhook_failing":
      return other(
        `Alerts cannot be posted to their webhook${message}.`,
        "Alerts can be posted to their webhook again.",
        "Make a new address there and put it into LEADKEEP_ALERT_WEBHOOK_URL or the configuration.",
        "/setup",
      );
  }
}

function waitingWords({ reason, figures }: Alert, name: string, id: string): [string, string, string] {
  const over = `Leads no longer wait long for ${name}.`;
  if (reason?.code === "not_configured") {
    return [
      `Leads wait for “${id}”, which is not configured.`,
      over,
      "Configure it again, or cancel what waits for it in the console.",
    ];
  }
  if (reason !== null) {
    return [`${name} was paused by a person, and leads wait.`, over, `To send again: leadkeep resume ${id}.`];
  }
  const one = figures.leads === 1;
  return [
    `${one ? "A lead waits" : "Leads wait"} for ${name} longer than usual.`,
    over,
    `${one ? "It is" : "They are"} tried again by ${one ? "itself" : "themselves"}. The attempts in the console say why.`,
  ];
}

/** Since when, and for an alert that is over until when. */
function sinceWords({ since, overAt }: Alert, { now, zone }: Surroundings): string {
  if (overAt !== null) return `From ${time(since, zone())} to ${time(overAt, zone())} (${duration(overAt - since)})`;
  return `Since ${time(since, zone())} (${duration(now - since)})`;
}

function time(ms: number, timeZone: string): string {
  return new Intl.DateTimeFormat("en-GB", {
    day: "numeric",
    month: "short",
    hour: "2-digit",
    minute: "2-digit",
    timeZone,
    timeZoneName: "short",
  }).format(ms);
}

function duration(ms: number): string {
  const minutes = Math.max(0, Math.round(ms / 60_000));
  if (minutes < 1) return "less than a minute";
  if (minutes < 120) return minutes === 1 ? "1 minute" : `${minutes} minutes`;
  const hours = Math.round(minutes / 60);
  return hours < 48 ? `${hours} hours` : `${Math.round(hours / 24)} days`;
}

function count(leads: number): string {
  return leads === 1 ? "1 lead" : `${leads.toLocaleString("en-GB")} leads`;
}

function size(bytes: number): string {
  const gigabytes = bytes / 1_000_000_000;
  return gigabytes >= 1 ? `${gigabytes.toFixed(1)} GB` : `${Math.round(bytes / 1_000_000)} MB`;
}
