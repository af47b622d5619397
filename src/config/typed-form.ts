import type { StandardSchemaV1 } from "@standard-schema/spec";
import type { JsonObject } from "../model/json.ts";
import type { FormConfig } from "./config.ts";

/** A form whose fields have a schema: what is typed into it, and what that means, are known to the compiler. */
export type TypedForm<Schema extends StandardSchemaV1 = StandardSchemaV1> = FormConfig & { fields: Schema };

/** What a form takes, as it is typed: the names and types of its fields. */
export type FormInput<Form extends TypedForm> = StandardSchemaV1.InferInput<Form["fields"]>;

/** What its schema makes of that. */
export type FormValues<Form extends TypedForm> = StandardSchemaV1.InferOutput<Form["fields"]>;

/** Types a form by the schema of its fields: Zod, Valibot, ArkType, or any other Standard Schema. */
export function defineForm<Schema extends StandardSchemaV1>(form: TypedForm<Schema>): TypedForm<Schema> {
  return form;
}

/**
 * What a lead's fields mean by the schema of its form: a lead keeps them as they were typed. Takes a lead, or the payload of
 * one; null where they do not fit the schema, which may have changed since. @throws {TypeError} when the schema is asynchronous
 */
export function valuesOf<Form extends TypedForm>(
  { fields }: Form,
  lead: { formData: JsonObject } | { form_data: JsonObject },
): FormValues<Form> | null {
  const result = fields["~standard"].validate("formData" in lead ? lead.formData : lead.form_data);
  if (result instanceof Promise)
    throw new TypeError("The form's schema is asynchronous; valuesOf needs one that is not.");
  return result.issues ? null : (result.value as FormValues<Form>);
}
