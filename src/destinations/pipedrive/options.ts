import * as z from "zod";
import { fieldMap } from "../shared/field-map.ts";
import { secret } from "../shared/options.ts";

const company = /^(?:https?:\/\/)?([a-z0-9][a-z0-9-]*)(?:\.pipedrive\.com)?(?:\/.*)?$/i;

/** How Pipedrive is reached and what becomes of a lead there. */
export const options = z
  .strictObject({
    /** Personal API token of the user the leads are created by; "Settings → Personal preferences → API". */
    apiToken: secret(),
    /** The company's domain: `acme`, `acme.pipedrive.com`, or any address of it. */
    domain: z
      .string()
      .trim()
      .regex(company, "is not a company domain such as acme or acme.pipedrive.com")
      .transform((text) => (company.exec(text)?.[1] ?? text).toLowerCase())
      .optional(),
    /** Takes the place of `https://{domain}.pipedrive.com`. */
    baseUrl: z
      .url({ protocol: /^https?$/, error: "must be an http or https address" })
      .transform((url) => url.replace(/\/+$/, ""))
      .optional(),
    /** What a lead becomes: a lead in the Leads Inbox, or a deal. @default "lead" */
    target: z.enum(["lead", "deal"]).default("lead"),
    /** Pipeline of a deal, by name or id. @default the account's first */
    pipeline: z.union([z.string().min(1), z.number().int()]).optional(),
    /** Stage of a deal, by name or id. @default the pipeline's first */
    stage: z.union([z.string().min(1), z.number().int()]).optional(),
    /** Id of the user who owns what is created. @default the token's user */
    owner: z.number().int().optional(),
    /**
     * Pipedrive field → where its value comes from. A field is named as people see it, or by its key; of the lead or deal as
     * it stands, of the others as `person.Name of the field` and `organization.Name of the field`. Added to the defaults.
     */
    map: fieldMap.default({}),
    /** Labels of the lead or deal, by name. */
    labels: z.array(z.string().min(1)).default([]),
    /** Write a note with message, fields, source and consent. @default true */
    note: z.boolean().default(true),
    /**
     * The purpose whose consent is the person's marketing status: granted subscribes, withdrawn unsubscribes. Null when no
     * marketing is sent from Pipedrive: then the status is left alone. @default "marketing"
     */
    marketingPurpose: z.string().min(1).nullable().default("marketing"),
    /**
     * What an erasure deletes: the person with the lead (or deal) and its note, also a person who was there before; only the
     * lead (or deal) and its note; or nothing, so that someone does it by hand. @default "person"
     */
    erase: z.enum(["person", "own-records", "by-hand"]).default("person"),
    /** What becomes of a lead with a value that has no place in Pipedrive: delivered with a warning, or a dead letter. @default "warn" */
    onUnknownField: z.enum(["warn", "reject"]).default("warn"),
    /** Currency of mapped amounts, ISO 4217. Without it amounts have no place. */
    currency: z
      .string()
      .regex(/^[A-Z]{3}$/, "is not a currency code such as EUR")
      .optional(),
    /**
     * Searches in a time. Pipedrive takes 10 in 2 s on every plan, per
     * https://pipedrive.readme.io/docs/core-api-concepts-rate-limiting (read 2026-11). @default 8 in 2.2 s
     */
    searchPace: z
      .strictObject({ limit: z.number().int().min(1), intervalMs: z.number().min(1) })
      .default({ limit: 8, intervalMs: 2_200 }),
    /**
     * How long after a create whose answer was lost a look that finds nothing is not believed: the request may still be on its
     * way, and Pipedrive's search trails behind. @default 30_000
     */
    searchLagMs: z.number().min(0).default(30_000),
  })
  .refine(({ domain, baseUrl }) => domain !== undefined || baseUrl !== undefined, {
    path: ["domain"],
    error: "is needed",
  });
export type Options = z.output<typeof options>;

/** Where the API's two versions live, below `/api`. */
export function apiUrl({ domain, baseUrl }: Options): string {
  return `${baseUrl ?? `https://${domain}.pipedrive.com`}/api`;
}
