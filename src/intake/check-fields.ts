import type { StandardSchemaV1 } from "@standard-schema/spec";
import type { JsonObject } from "../model/json.ts";
import type { FieldError } from "./refusal.ts";

/** What a form's own schema says of the fields; `failed` when the schema itself threw. */
type FieldsCheck = { type: "checked"; errors: readonly FieldError[] } | { type: "failed"; cause: unknown };

/** Validates fields by a Standard Schema, per https://standardschema.dev (read 2026-11). An issue of no field has `field: ""`. */
export async function checkFields(schema: StandardSchemaV1, formData: JsonObject): Promise<FieldsCheck> {
  try {
    const { issues } = await schema["~standard"].validate(formData);
    return { type: "checked", errors: (issues ?? []).map(({ path, message }) => ({ field: fieldIn(path), message })) };
  } catch (cause) {
    return { type: "failed", cause };
  }
}

function fieldIn(path: StandardSchemaV1.Issue["path"]): string {
  const first = path?.[0];
  return String((typeof first === "object" ? first.key : first) ?? "");
}
