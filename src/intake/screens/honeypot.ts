import type { JsonObject } from "../../model/json.ts";
import type { ScreeningReason } from "../../model/lead.ts";
import { canonicalName, textOf } from "../field-index.ts";
import { fieldOf } from "./screened.ts";

/**
 * Something stands in a field no person sees. A password manager may have put it there: then it is what stands in another field
 * too, if not in the message, and is not enough alone.
 */
export function screenHoneypots(formData: JsonObject, honeypots: readonly string[]): ScreeningReason | null {
  const filled = honeypots.flatMap((name) => filledIn(formData, name));
  if (filled.length === 0) return null;
  const others = Object.entries(formData).flatMap(([field, value]) => {
    const { name, holds } = fieldOf(field);
    const isApart = honeypots.some((one) => canonicalName(one) === name) || (holds === "message" && name !== "subject");
    return isApart ? [] : [textOf(value)?.trim() ?? ""];
  });
  const byAutofill = filled.every((text) => others.includes(text.trim()));
  return byAutofill
    ? { code: "honeypot_autofill", points: 6, message: "a field no person sees repeats another field" }
    : { code: "honeypot", points: 10, message: "a field no person sees was filled in" };
}

function filledIn(formData: JsonObject, name: string): string[] {
  if (!Object.hasOwn(formData, name)) return [];
  const text = textOf(formData[name]);
  return text === null ? [] : [text];
}
