import type { FormInput, TypedForm } from "../../config/typed-form.ts";
import type { Gateway } from "../../gateway.ts";
import type { LeadId } from "../../model/id.ts";
import { platformWaitUntil, type WaitUntil } from "./wait-until.ts";

/** What is known of the visitor: their address, and the headers of the request the fields came with. */
export type Visitor = { address?: string; headers?: Headers; waitUntil?: WaitUntil };

/** What became of fields handed over: kept, or refused with a code of the API and what is to be corrected. */
export type Submitted<Form extends TypedForm = TypedForm> =
  | { type: "kept"; leadId: LeadId }
  | { type: "refused"; status: number; code: string; detail: string; errors: FieldProblem<Form>[] };

/** `field` is empty when the problem is none field's own. */
export type FieldProblem<Form extends TypedForm = TypedForm> = {
  field: (keyof FormInput<Form> & string) | (string & {});
  message: string;
};

/** Headers by which a lead tells where it came from. */
const telling = ["user-agent", "referer", "cookie", "accept-language"];

/**
 * Hands fields your own code has received to a form, for server actions and form actions: what a browser sent (`FormData`), or
 * an object. Name the form's type to have its fields checked: `submit<typeof contact>(gateway, "contact", { email })`.
 */
export async function submit<Form extends TypedForm = TypedForm>(
  gateway: Gateway,
  form: string,
  fields: FormData | (FormInput<Form> & object),
  { address, headers, waitUntil = platformWaitUntil() }: Visitor = {},
): Promise<Submitted<Form>> {
  const sent = new Headers({ accept: "application/json" });
  for (const name of telling) {
    const value = headers?.get(name);
    if (value) sent.set(name, value);
  }
  const isForm = fields instanceof FormData;
  if (!isForm) sent.set("content-type", "application/json");
  const url = `http://localhost/f/${encodeURIComponent(form)}`;
  const request = new Request(url, { method: "POST", headers: sent, body: isForm ? fields : JSON.stringify(fields) });
  const response = await gateway.handler(request, { address: address ?? null, ...(waitUntil ? { waitUntil } : {}) });
  const answer = (await response.json()) as Answer<Form>;
  if (answer.lead_id) return { type: "kept", leadId: answer.lead_id };
  const { code, detail, errors = [] } = answer;
  return { type: "refused", status: response.status, code, detail, errors };
}

/** As the API has it: the contract of intake. */
type Answer<Form extends TypedForm> =
  | { lead_id: LeadId }
  | { lead_id?: never; code: string; detail: string; errors?: FieldProblem<Form>[] };
