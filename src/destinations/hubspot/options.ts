import * as z from "zod";
import { field, type Mapping } from "../../model/mapping.ts";
import { type FieldMap, fieldMap } from "../shared/field-map.ts";
import { secret } from "../shared/options.ts";
import { ownProperties, phoneKey } from "./own-properties.ts";

const baseUrl = (usual: string) =>
  z
    .url({ protocol: /^https?$/, error: "must be an http or https address" })
    .transform((url) => url.replace(/\/+$/, ""))
    .default(usual);

const typeId = z.number().int().positive();

/** How HubSpot is reached and what becomes of a lead there. */
export const options = z.strictObject({
  /** A service key, or the token of a private app that is there already. */
  accessToken: secret(),
  /** Where the API lives: another host for a region or a proxy. @default "https://api.hubapi.com" */
  baseUrl: baseUrl("https://api.hubapi.com"),
  /** Where forms are submitted to; `https://api-eu1.hsforms.com` for accounts kept in the EU. @default "https://api.hsforms.com" */
  formsBaseUrl: baseUrl("https://api.hsforms.com"),
  /** The account's id, for links to what was delivered. @default the form's; without either there are no links */
  portalId: z.string().regex(/^\d+$/, "must be a number").optional(),
  /** Contact property → where its value comes from. Added to the defaults; the same name replaces one. */
  map: fieldMap.default({}),
  /** Names of default properties that are not to be written. @default none */
  without: z.array(z.string()).default([]),
  /** Opens a deal for each lead. @default none is opened */
  deal: z
    .strictObject({
      /** Id of the pipeline. @default the account's default pipeline */
      pipeline: z.string().min(1).default("default"),
      /** Id of the stage the deal begins in, such as `appointmentscheduled`. */
      stage: z.string().min(1),
      /** The deal's name, with `{path}` places. @default the person, then the form */
      name: z.string().min(1).optional(),
      /** Deal property → where its value comes from. */
      map: fieldMap.default({}),
    })
    .optional(),
  /** Writes a note with message, fields, source and consent. Values HubSpot does not take get one in any case. @default false */
  note: z.boolean().default(false),
  /** Submits each lead to a form too, which keeps HubSpot's own attribution and consent. @default no form */
  form: z
    .strictObject({
      portalId: z.union([z.string().regex(/^\d+$/, "must be a number"), z.number().int()]).transform(String),
      formId: z.string().min(1),
      /**
       * For a destination whose `basis` is "legitimate-interest": submissions say so, instead of telling of a consent.
       * @default submissions tell of the consent, where there is one
       */
      legitimateInterest: z
        .strictObject({
          /** Id of the subscription type the interest is in. */
          subscriptionTypeId: typeId,
          /** What the person is to you. @default "LEAD" */
          legalBasis: z.enum(["LEAD", "CUSTOMER"]).default("LEAD"),
          /** The wording shown beside the form. */
          text: z.string().min(1),
        })
        .optional(),
    })
    .optional(),
  /**
   * Purpose of a consent → id of the HubSpot subscription type it stands for. Who gives the consent is subscribed, who
   * withdraws it is unsubscribed. @default none: HubSpot is told of neither
   */
  subscriptions: z
    .record(z.string().min(1), typeId)
    .refine((types) => new Set(Object.values(types)).size === Object.keys(types).length, {
      error: "must name each subscription type for one purpose only",
    })
    .default({}),
  /**
   * What is done there when a person is erased: deleted for good (HubSpot then blocks the address), moved to the recycle bin,
   * where it can be restored for 90 days, or left to a person. @default "gdpr-delete"
   */
  erase: z.enum(["gdpr-delete", "archive", "by-hand"]).default("gdpr-delete"),
  /** What becomes of a lead with a value HubSpot has no place for: delivered with a note and a warning, or a dead letter. @default "warn" */
  onUnknownField: z.enum(["warn", "reject"]).default("warn"),
});
export type Options = z.output<typeof options>;

/** HubSpot's own properties: who the person is, and where a new contact starts. Never a later stage or status again. */
const standardMap: FieldMap = {
  firstname: { first: [field("first_name"), field("name")] },
  lastname: field("last_name"),
  phone: field("phone"),
  company: field("company"),
  message: field("message"),
  lifecyclestage: { value: { const: "lead" }, mode: "onCreate" },
  hs_lead_status: { value: { const: "NEW" }, mode: "onCreate" },
};

/** The contact properties a lead is mapped to: HubSpot's own, ours, and the configured ones. `email` is the key and not among them. */
export function contactMap({ map, without }: Pick<Options, "map" | "without">): FieldMap {
  const ours = Object.fromEntries(ownProperties.flatMap(({ name, from }) => (from ? [[name, from]] : [])));
  const { email: _, ...whole } = { ...standardMap, ...ours, ...map };
  return Object.fromEntries(
    Object.entries(whole).filter(([name]) => !without.includes(name) || Object.hasOwn(map, name)),
  );
}

/** The names of every contact property that may be written or looked up. */
export function contactNames(options: Options): string[] {
  return [...Object.keys(contactMap(options)), phoneKey];
}

const personThenForm: Mapping = {
  join: [{ first: [field("name"), field("email"), field("phone")] }, field("form_name")],
  with: ": ",
};

/** What a deal is mapped to, its name, pipeline and stage included. */
export function dealMap({ name, pipeline, stage, map }: NonNullable<Options["deal"]>): FieldMap {
  return {
    dealname: name === undefined ? personThenForm : { template: name },
    pipeline: { const: pipeline },
    dealstage: { const: stage },
    ...map,
  };
}
