import type { Json } from "../model/json.ts";
import { textOf } from "./field-index.ts";
import { type Refusal, refused } from "./refusal.ts";

const printable = /^\P{C}{1,255}$/u;
const quoted = /^"(.*)"$/;

/**
 * The `Idempotency-Key` header's key, null without one. Quotes as in
 * https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/ (read 2026-11) are not part of it.
 */
export function keyInHeader(header: string | null): { type: "key"; key: string | null } | Refusal {
  if (header === null) return { type: "key", key: null };
  const trimmed = header.trim();
  const key = keyIn(quoted.exec(trimmed)?.[1] ?? trimmed);
  return key === null
    ? refused("malformed", "Idempotency-Key must be 1 to 255 printable characters.")
    : { type: "key", key };
}

/** The hidden field `_key`'s key; null when it is absent or unusable. */
export function keyInField(value: Json | undefined): string | null {
  return keyIn(textOf(value) ?? "");
}

function keyIn(text: string): string | null {
  const key = text.trim();
  return printable.test(key) ? key : null;
}
