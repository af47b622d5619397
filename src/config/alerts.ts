import { parseMailboxes } from "../destinations/mail/address.ts";
import type { ConfigProblem } from "../model/errors.ts";
import { parseDuration } from "../model/schedule.ts";
import type { Environment } from "./environment.ts";

/** How a webhook's body is shaped. */
export type AlertWebhookShape = "slack" | "teams" | "discord" | "json";
export const alertWebhookShapes = ["slack", "teams", "discord", "json"] as const satisfies readonly AlertWebhookShape[];

/** When people are told, and how, as written in a config file. Lengths of time are texts such as `"15m"`. */
export type AlertsConfig = {
  /** Who gets alerts by mail, sent by `SMTP_URL`; false: nobody. @default LEADKEEP_ALERT_EMAIL, else MAIL_TO */
  mail?: string | string[] | false;
  /** @default LEADKEEP_ALERT_WEBHOOK_URL */
  webhooks?: {
    url: string;
    /** @default told from the address; "json" when it says nothing */
    shape?: AlertWebhookShape;
    /** Signs bodies of the shape "json" by the Standard Webhooks scheme; several while rotating. */
    secret?: string | string[];
  }[];
  /** When the weekly digest is mailed, by this machine's clock. @default "monday 08:00" */
  digest?: string | false;
  /** A lead that waits for longer. @default "15m" */
  waitingLongerThan?: string;
  /** A destination that is down for longer. @default "5m" */
  downLongerThan?: string;
  /** Attempts in a row that failed at a destination. @default 10 */
  failures?: number;
  /** So many leads in quarantine, when that is twice as many as usual. @default 50 */
  quarantine?: number;
  /** Less room on the disk of the data folder: `"2GB"` or `"5%"`; false: not watched. @default 1 GB, or a tenth of a small disk */
  diskFreeBelow?: string | false;
  /** Whether forms that fall silent against their rhythm are told. @default true */
  silence?: boolean;
  /** How long something must be gone before it counts as over. @default "2m" */
  overAfter?: string;
  /** How often everything is looked at. @default "30s" */
  every?: string;
};

/** When people are told, and how: checked. */
export type AlertOptions = {
  mail: { smtpUrl: string; from: string; to: string } | null;
  webhooks: readonly { url: string; shape: AlertWebhookShape; secrets: readonly string[] }[];
  digest: { weekday: number; minutes: number } | null;
  thresholds: {
    waitingMs: number;
    downMs: number;
    failures: number;
    quarantine: number;
    /** The smaller one when both are given; null: the disk is not watched. */
    diskFree: { bytes?: number; share?: number } | null;
  };
  silence: boolean;
  overAfterMs: number;
  everyMs: number;
};

const usual = { waitingLongerThan: "15m", downLongerThan: "5m", overAfter: "2m", every: "30s" } as const;
const known = new Set([
  ...["mail", "webhooks", "digest", "failures", "quarantine", "diskFreeBelow", "silence"],
  ...Object.keys(usual),
]);
const weekdays = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"];

/** Nobody is sent anything. */
export const onlyShown: AlertsConfig = { mail: false, webhooks: [] };

/** What a config file and the variables say of alerts, checked together. */
export function alertOptions(
  config: AlertsConfig,
  values: Environment | null,
  problems: ConfigProblem[],
): AlertOptions {
  const add = (key: string, message: string, cure: string) => problems.push({ path: `alerts.${key}`, message, cure });
  for (const key of Object.keys(config)) {
    if (!known.has(key)) add(key, "is nothing alerts are set up by.", `Use: ${[...known].join(", ")}.`);
  }
  const durationOf = (key: keyof typeof usual): number => {
    try {
      return parseDuration(String(config[key] ?? usual[key]));
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      add(key, "is not a length of time.", `Write one such as "${usual[key]}".`);
      return 0;
    }
  };
  const wholeNumber = (key: "failures" | "quarantine", otherwise: number): number => {
    const value = config[key] ?? otherwise;
    if (!Number.isInteger(value) || value < 1)
      add(key, "is not a whole number from 1.", `Write one such as ${otherwise}.`);
    return value;
  };
  return {
    mail: mailOf(config, values, add),
    webhooks: webhooksOf(config, values, add),
    digest: digestOf(config.digest ?? "monday 08:00", add),
    thresholds: {
      waitingMs: durationOf("waitingLongerThan"),
      downMs: durationOf("downLongerThan"),
      failures: wholeNumber("failures", 10),
      quarantine: wholeNumber("quarantine", 50),
      diskFree: diskFreeOf(config.diskFreeBelow, add),
    },
    silence: config.silence ?? true,
    overAfterMs: durationOf("overAfter"),
    everyMs: Math.max(1, durationOf("every")),
  };
}

type Add = (key: string, message: string, cure: string) => void;

function mailOf({ mail }: AlertsConfig, values: Environment | null, add: Add): AlertOptions["mail"] {
  if (!values || mail === false) return null;
  const { SMTP_URL: smtpUrl, MAIL_FROM: from, MAIL_TO, LEADKEEP_ALERT_EMAIL } = values;
  const asked = mail === undefined ? LEADKEEP_ALERT_EMAIL : [mail].flat().join(",");
  if (asked === "none") return null;
  const to = asked ?? MAIL_TO;
  if (to === undefined) return null;
  if (parseMailboxes(to) === null) {
    add("mail", "is not a list of mail addresses.", 'Write addresses such as "ops@example.com".');
    return null;
  }
  if (smtpUrl && from) return { smtpUrl, from, to };
  if (asked !== undefined) {
    const missing = smtpUrl ? "MAIL_FROM" : "SMTP_URL";
    add(
      "mail",
      `cannot be sent without ${missing}.`,
      `Set ${missing}, or leave LEADKEEP_ALERT_EMAIL and alerts.mail out.`,
    );
  }
  return null;
}

function webhooksOf({ webhooks }: AlertsConfig, values: Environment | null, add: Add): AlertOptions["webhooks"] {
  if (webhooks === undefined) {
    const url = values?.LEADKEEP_ALERT_WEBHOOK_URL;
    if (!url) return [];
    const secrets = values.LEADKEEP_ALERT_WEBHOOK_SECRET?.split(/\s+/) ?? [];
    return [{ url, shape: values.LEADKEEP_ALERT_WEBHOOK_SHAPE ?? shapeOf(url), secrets }];
  }
  return webhooks.flatMap(({ url, shape, secret }, index) => {
    if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) {
      add(`webhooks.${index}.url`, "is not an http or https address.", "Copy it from where the hook was made.");
      return [];
    }
    if (shape !== undefined && !alertWebhookShapes.includes(shape)) {
      add(
        `webhooks.${index}.shape`,
        "is no shape this program knows.",
        `Use one of: ${alertWebhookShapes.join(", ")}.`,
      );
    }
    return [{ url, shape: shape ?? shapeOf(url), secrets: [secret ?? []].flat() }];
  });
}

/** What an address tells of who listens there. */
function shapeOf(url: string): AlertWebhookShape {
  const { hostname } = new URL(url);
  if (/^hooks\.slack(?:-gov)?\.com$/.test(hostname)) return "slack";
  if (/(?:^|\.)discord(?:app)?\.com$/.test(hostname)) return "discord";
  return /\.(?:webhook\.office\.com|logic\.azure\.com|api\.powerplatform\.com)$/.test(hostname) ? "teams" : "json";
}

function digestOf(text: string | false, add: Add): AlertOptions["digest"] {
  if (text === false) return null;
  const [, day = "", hours = "", minutes = ""] = /^([a-z]+) ([01]?\d|2[0-3]):([0-5]\d)$/i.exec(text.trim()) ?? [];
  const weekday = weekdays.indexOf(day.toLowerCase());
  if (weekday >= 0) return { weekday, minutes: Number(hours) * 60 + Number(minutes) };
  add("digest", "is not a day of the week and a time.", 'Write one such as "monday 08:00", or false.');
  return null;
}

/** On a small disk a gigabyte would be most of it. */
const usualDiskFree = { bytes: 1_000_000_000, share: 0.1 };
const units: Record<string, number> = { MB: 1e6, GB: 1e9, TB: 1e12 };

function diskFreeOf(text: string | false | undefined, add: Add): AlertOptions["thresholds"]["diskFree"] {
  if (text === false) return null;
  if (text === undefined) return usualDiskFree;
  const [, amount = "", unit = ""] = /^(\d+(?:\.\d+)?)\s*(MB|GB|TB|%)$/i.exec(text.trim()) ?? [];
  const factor = units[unit.toUpperCase()];
  if (unit === "%") return { share: Number(amount) / 100 };
  if (factor) return { bytes: Number(amount) * factor };
  add("diskFreeBelow", "is not a size.", 'Write one such as "2GB" or "5%", or false.');
  return null;
}
