import type { Form } from "../model/form.ts";
import type { Json } from "../model/json.ts";
import { textOf } from "./field-index.ts";
import type { IntakeRequest } from "./intake-request.ts";
import { isOwnOrigin } from "./origin.ts";

// Stands for "wherever this request was sent to", whose name need not be known.
const here = "http://here.invalid";

/**
 * Where a browser goes after its post: the page `_redirect` asks for when it is on this or one of the form's own
 * origins, else the form's thank-you page, else the built-in one. Never a place the form's owner did not name.
 */
export function thanksLocation(form: Form, request: IntakeRequest, asked: Json | undefined): string {
  const redirect = placeOf(textOf(asked));
  if (redirect && (redirect.origin === here || isOwnOrigin(redirect.origin, form.origins, request)))
    return redirect.location;
  return placeOf(form.thanks)?.location ?? `${request.path}/thanks`;
}

/** Parsed as browsers do, since `/\host`, `//host` and `/.//host` all lead away from here. Null unless http(s). */
function placeOf(text: string | null): { origin: string; location: string } | null {
  const url = text === null ? null : URL.parse(text, here);
  if (!url || (url.protocol !== "http:" && url.protocol !== "https:") || url.username || url.password) return null;
  if (url.origin !== here) return { origin: url.origin, location: url.href };
  if (!text?.trim().startsWith("/") || url.pathname.startsWith("//")) return null;
  return { origin: here, location: url.pathname + url.search + url.hash };
}
