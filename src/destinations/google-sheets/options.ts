import * as z from "zod";
import type { Json } from "../../model/json.ts";
import { type Mapping, mapping } from "../../model/mapping.ts";
import type { LeadPayload } from "../../model/payload.ts";
import { secret } from "../shared/options.ts";
import { parsePrivateKey } from "./private-key.ts";

/** A column's value: a mapping as plain data, or a function of the lead's payload. */
export type ColumnValue = Mapping | ((lead: LeadPayload) => Json | undefined);

const column = z.union([mapping, z.custom<ColumnValue>((value) => typeof value === "function")]);

/** A colon in a tab's title makes Google misread the range, per https://issuetracker.google.com/150373119 (read 2026-11). */
const tabTitle = () =>
  z
    .string()
    .min(1)
    .max(90)
    .regex(/^[^:*?/\\[\]]+$/, "must not hold : * ? / \\ [ or ]");

const httpUrl = (usual: string) =>
  z
    .url({ protocol: /^https?$/, error: "must be an http or https address" })
    .transform((url) => url.replace(/\/+$/, ""))
    .default(usual);

/** Options of Google Sheets. */
export const options = z
  .strictObject({
    /** The spreadsheet's id, or its address as the browser shows it. */
    spreadsheet: z
      .string()
      .transform((text) => /\/spreadsheets\/d\/([\w-]+)/.exec(text)?.[1] ?? text.trim())
      .refine((id) => /^[\w-]+$/.test(id), "is neither the id nor the address of a spreadsheet"),
    /** The service account's key: PEM (also with `\n` spelled out), base64 of it, or the JSON key file or its path. */
    privateKey: secret().transform((text, context) => {
      const parsed = parsePrivateKey(text);
      if (parsed.type === "key") return parsed;
      context.addIssue({ code: "custom", message: parsed.problem });
      return z.NEVER;
    }),
    /** The service account's address. @default the one in the JSON key file */
    email: z.email().optional(),
    /** Where leads go. @default "Leads" */
    tab: tabTitle().default("Leads"),
    /** Where dead letters of all destinations are listed. @default "Failed Integrations" */
    failedTab: tabTitle().default("Failed Integrations"),
    /** Columns of your own, by header: `{ Budget: field("form_data.budget") }`. @default none */
    columns: z.record(z.string().min(1), column).default({}),
    /** Ids of the destinations the column `crm_synced` speaks of. @default all others */
    crm: z.array(z.string()).optional(),
    /** @default "https://sheets.googleapis.com" */
    baseUrl: httpUrl("https://sheets.googleapis.com"),
    /** @default "https://oauth2.googleapis.com/token" */
    tokenUrl: httpUrl("https://oauth2.googleapis.com/token"),
  })
  .transform(({ privateKey, email, ...rest }, context) => {
    const address = email ?? privateKey.email;
    if (address) return { ...rest, email: address, key: privateKey.key };
    context.addIssue({ code: "custom", path: ["email"], message: "is missing: the service account's address" });
    return z.NEVER;
  });
export type Options = z.output<typeof options>;
