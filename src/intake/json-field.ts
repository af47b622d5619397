import type { Json, JsonObject } from "../model/json.ts";
import { cleanJson } from "./submission.ts";

/** What a reserved field carries: the value itself, or what its text says when that is JSON. Null when neither. */
export function jsonIn(value: Json | undefined): Json {
  if (typeof value !== "string") return value ?? null;
  const text = value.trim();
  if (!text.startsWith("{") && !text.startsWith("[")) return null;
  try {
    return cleanJson(JSON.parse(text));
  } catch {
    return null;
  }
}

/** Like `jsonIn`, for fields that must be an object. */
export function jsonObjectIn(value: Json | undefined): JsonObject | null {
  const json = jsonIn(value);
  return typeof json === "object" && json !== null && !Array.isArray(json) ? json : null;
}
