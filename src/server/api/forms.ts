import { createRoute, z } from "@hono/zod-openapi";
import type { Gateway } from "../../gateway.ts";
import type { FormSummary } from "../../ledger/ledger.ts";
import { defaultConsents, type Form } from "../../model/form.ts";
import { testForm } from "../../model/test-lead.ts";
import { embedCodes } from "./embed.ts";
import { isoOrNull, plainId, time } from "./fields.ts";
import { needs } from "./permissions.ts";
import { answers, newRouter } from "./router.ts";

const form = z
  .object({
    id: z.string(),
    name: z.string(),
    leads: z.number().int(),
    last_lead_at: time.nullable(),
    /** False: it is known by its leads only; without a config file any form id is accepted. */
    configured: z.boolean(),
    /** Exact origins that may post; empty: any. */
    origins: z.array(z.string()),
    /** Ids of the destinations that receive its leads; null: all. */
    destinations: z.array(z.string()).nullable(),
    consents: z.array(
      z.object({
        field: z.string(),
        purpose: z.string(),
        text: z.string().nullable(),
        version: z.string().nullable(),
        locale: z.string().nullable(),
        recipients: z.array(z.string()).nullable(),
        double_opt_in: z.boolean(),
      }),
    ),
    thanks: z.string().nullable(),
    action_url: z.string(),
    /** Code to put on a site, by what the site is made with. */
    embed: z.array(z.object({ id: z.string(), label: z.string(), language: z.string(), code: z.string() })),
  })
  .openapi("Form");
type FormJson = z.infer<typeof form>;

const list = createRoute({
  method: "get",
  path: "/forms",
  summary: "The forms, and the code to put them on a site",
  tags: ["Forms"],
  ...needs("read"),
  request: { query: z.strictObject({ id: plainId.optional() }) },
  responses: answers(
    z.array(form),
    "The forms. With `id` that one alone, also before its first lead; none when no form of that id is accepted",
  ),
});

/** The forms, configured or known by their leads. */
export function formRoutes({ ledger, options }: Gateway) {
  return newRouter().openapi(list, async (c) => {
    const known = new Map((await ledger.forms()).map((one) => [one.form, one]));
    known.delete(testForm);
    const { id } = c.req.valid("query");
    const ids = new Set([...(options.forms?.keys() ?? []), ...known.keys()]);
    const wanted = id === undefined ? [...ids] : ids.has(id) || options.forms === null ? [id] : [];
    const base = (options.publicUrl ?? new URL(c.req.url).origin).replace(/\/+$/, "");
    return c.json(
      wanted.map((id) => formJson(id, options.forms?.get(id) ?? null, known.get(id), base)),
      200,
    );
  });
}

/** `form`: as configured; null when any form is accepted, or it is configured no more. */
function formJson(id: string, form: Form | null, known: FormSummary | undefined, base: string): FormJson {
  const consents = form?.consents ?? defaultConsents;
  const action = `${base}/f/${id}`;
  return {
    id,
    name: form?.name ?? id,
    leads: known?.leads ?? 0,
    last_lead_at: isoOrNull(known?.lastLeadAt),
    configured: form !== null,
    origins: [...(form?.origins ?? [])],
    destinations: form?.destinations ? [...form.destinations] : null,
    consents: consents.map(({ field, purpose, text, version, locale, recipients, confirm }) => ({
      field,
      purpose,
      text: text ?? null,
      version: version ?? null,
      locale: locale ?? null,
      recipients: recipients ? [...recipients] : null,
      double_opt_in: confirm !== undefined,
    })),
    thanks: form?.thanks ?? null,
    action_url: action,
    embed: embedCodes({ action, script: `${base}/leadkeep.js`, consents }),
  };
}
