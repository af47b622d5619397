import * as z from "zod";
import type { DestinationSettings } from "../model/destination.ts";
import type { ConfigProblem } from "../model/errors.ts";
import type { ConsentControl } from "../model/form.ts";
import type { FormConfig, LeadkeepConfig } from "./config.ts";

/** Every key has its line, or this does not compile. */
type Keys<Config> = Record<keyof Config, z.ZodType>;

const text = z.string("is not a text").optional();
const number = z.number("is not a number").optional();
const flag = z.boolean("is neither true nor false").optional();
const texts = z.array(z.string("is not a text"), "is not a list of texts").optional();
const off = z.literal(false);

/** What is to be a group of settings. Keys nobody knows are mistyped ones, which would otherwise be passed over in silence. */
function group<Config>(keys: Keys<Config>) {
  return z.strictObject(keys, {
    error: ({ code }) => (code === "unrecognized_keys" ? "is not known" : "is not a group of settings"),
  });
}

/** The same, where whoever reads it names the keys it does not know. */
function loose(keys: Record<string, z.ZodType>) {
  return z.looseObject(keys, "is not a group of settings");
}

function either(message: string, ...schemas: [z.ZodType, z.ZodType, ...z.ZodType[]]) {
  return z.union(schemas, message).optional();
}

function byId<Schema extends z.ZodType>(value: Schema) {
  return z.record(z.string(), value, "is not a list by id").optional();
}

const consent = group<ConsentControl>({
  field: text,
  purpose: text,
  text,
  version: text,
  locale: text,
  recipients: z.unknown().optional(),
  confirm: z.unknown().optional(),
});

const retention = z.record(z.string(), text, "is not a group of settings").optional();

const form = group<FormConfig>({
  name: text,
  version: text,
  fields: z.custom((value) => value === undefined || isStandardSchema(value), "is not a Standard Schema").optional(),
  thanks: text,
  origins: texts,
  consents: z.array(consent, "is not a list of consents").optional(),
  destinations: texts,
  country: text,
  retention,
  captcha: z
    .discriminatedUnion(
      "type",
      [
        z.strictObject({ type: z.literal("turnstile"), secret: text, action: text }),
        z.strictObject({ type: z.literal("hcaptcha"), secret: text }),
        z.strictObject({ type: z.literal("recaptcha"), secret: text, minScore: number, action: text }),
        z.strictObject({ type: z.literal("altcha"), maxNumber: number }),
      ],
      "is not made by turnstile(), hcaptcha(), recaptcha() or altcha()",
    )
    .optional(),
  honeypot: either("is neither a name, a list of names nor false", z.string(), z.array(z.string()), off),
  stamp: z.literal("expected", 'is not "expected"').optional(),
  spamWords: flag,
  quarantineAt: number,
});

const settings = group<DestinationSettings>({
  purpose: text,
  basis: z
    .enum(["consent", "legitimate-interest", "contract", "answering-the-enquiry"], "is no lawful basis")
    .optional(),
  recipient: text,
  role: z.enum(["processor", "controller"], 'is neither "processor" nor "controller"').optional(),
  withoutConsent: z.enum(["withhold", "redact"], 'is neither "withhold" nor "redact"').optional(),
  schedule: either("is neither a list of milliseconds nor a text", z.string(), z.array(z.number().nonnegative())),
  timeoutMs: number,
  concurrency: number,
  pace: z
    .strictObject(
      { limit: z.number().positive(), intervalMs: z.number().positive(), burst: z.number().positive().optional() },
      "is not a pace",
    )
    .optional(),
  confirm: z.literal("before-reply", 'is not "before-reply"').optional(),
  confirmMs: number,
});

const destination = z.object(
  {
    definition: z.object({ kind: z.string() }, "is not made by a function such as webhook({ … })"),
    settings,
    options: z.unknown().optional(),
  },
  "is not made by a function such as webhook({ … })",
);

const webhook = loose({
  url: z.string("is not an address"),
  shape: text,
  secret: either("is neither a text nor a list of them", z.string(), z.array(z.string())),
});

const config = group<LeadkeepConfig>({
  forms: byId(form),
  destinations: byId(destination),
  retention,
  limits: z.record(z.string(), number, "is not a group of settings").optional(),
  alerts: either("is neither a group of settings nor false", off, z.looseObject({})),
  network: loose({ allow: texts }).optional(),
  verify: either("is neither a group of settings nor false", off, z.looseObject({ at: text })),
});

const alerts = loose({
  mail: either("is neither an address, a list of them nor false", z.string(), z.array(z.string()), off),
  webhooks: z.array(webhook, "is not a list of webhooks").optional(),
  digest: either("is neither a time nor false", z.string(), off),
  diskFreeBelow: either("is neither a size nor false", z.string(), off),
  waitingLongerThan: text,
  downLongerThan: text,
  overAfter: text,
  every: text,
  silence: flag,
});

/** What of a config file is of the wrong type: nothing else can be said of it before that is mended. Values are never quoted. */
export function shapeProblems(given: unknown): ConfigProblem[] {
  const parsed = config.safeParse(given);
  const own = parsed.success && parsed.data.alerts ? alerts.safeParse(parsed.data.alerts) : null;
  return [...problemsOf(parsed.error, []), ...problemsOf(own?.error, ["alerts"]), ...prototypes(given)];
}

/** A schema passes this key over. */
function prototypes(given: unknown): ConfigProblem[] {
  const { forms, destinations } = (given ?? {}) as { forms?: unknown; destinations?: unknown };
  return Object.entries({ forms, destinations }).flatMap(([list, entries]) =>
    typeof entries === "object" && entries !== null && Object.hasOwn(entries, "__proto__")
      ? [{ path: `${list}.__proto__`, message: "is not a usable id.", cure }]
      : [],
  );
}

const cure = "See docs/configuration.md for what belongs there.";

function problemsOf(error: z.ZodError | undefined, within: readonly string[]): ConfigProblem[] {
  return (error?.issues ?? []).flatMap((issue) => {
    const path = [...within, ...issue.path.map(String)];
    const paths = issue.code === "unrecognized_keys" ? issue.keys.map((key) => [...path, key]) : [path];
    return paths.map((one) => ({ path: one.join(".") || "the configuration", message: `${issue.message}.`, cure }));
  });
}

function isStandardSchema(value: unknown): boolean {
  const schema = (typeof value === "object" && value !== null) || typeof value === "function" ? value : {};
  const standard: unknown = "~standard" in schema ? schema["~standard"] : null;
  return (
    typeof standard === "object" &&
    standard !== null &&
    "validate" in standard &&
    typeof standard.validate === "function"
  );
}
