import * as z from "zod";
import { attribution } from "../model/attribution.ts";
import { consentEvent } from "../model/consent.ts";
import type { Json, JsonObject } from "../model/json.ts";
import type { Lead, Screening } from "../model/lead.ts";

const text = z.string().nullable();

/** The part of a lead that stores keep as one JSON column; what they search or join by has columns of its own. */
const leadDocument = z.object({
  form_name: z.string(),
  email: text,
  phone: text,
  name: text,
  first_name: text,
  last_name: text,
  company: text,
  message: text,
  timezone: text,
  form_data: z.custom<JsonObject>((value) => typeof value === "object" && value !== null && !Array.isArray(value)),
  attribution,
  consents: z.array(consentEvent),
  ip_address: text,
  user_agent: text,
  /** Absent of leads no screen found anything of, and of those kept before there were screens. */
  screening: z
    .object({
      score: z.number(),
      reasons: z.array(z.object({ code: z.string(), points: z.number(), message: z.string() })),
      awaiting: z.string().optional(),
    })
    .optional(),
});

/** A lead's columns beside its document. */
export type LeadColumns = Pick<Lead, "id" | "state" | "form" | "receivedAt" | "person">;

/** The JSON text a store keeps for a lead. */
export function toDocument(lead: Lead): string {
  return JSON.stringify({
    form_name: lead.formName,
    email: lead.email,
    phone: lead.phone,
    name: lead.name,
    first_name: lead.firstName,
    last_name: lead.lastName,
    company: lead.company,
    message: lead.message,
    timezone: lead.timezone,
    form_data: lead.formData,
    attribution: lead.attribution,
    consents: lead.consents,
    ip_address: lead.ipAddress,
    user_agent: lead.userAgent,
    screening: lead.screening,
  } satisfies z.input<typeof leadDocument>);
}

/** A lead from its columns and document. @throws {z.ZodError} when the document is not one of ours. */
export function fromDocument(columns: LeadColumns, document: string): Lead {
  const read = leadDocument.parse(JSON.parse(document) as Json);
  return {
    ...columns,
    formName: read.form_name,
    email: read.email,
    phone: read.phone,
    name: read.name,
    firstName: read.first_name,
    lastName: read.last_name,
    company: read.company,
    message: read.message,
    timezone: read.timezone,
    formData: read.form_data,
    attribution: read.attribution,
    consents: read.consents,
    ipAddress: read.ip_address,
    userAgent: read.user_agent,
    ...(read.screening ? { screening: read.screening as Screening } : {}),
  };
}
