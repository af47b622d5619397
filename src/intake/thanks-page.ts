import type { Form } from "../model/form.ts";
import type { IntakeRequest } from "./intake-request.ts";
import { isOwnOrigin } from "./origin.ts";
import { escapeHtml, page } from "./page.ts";

/** The built-in thank-you page, with a way back to the page the visitor came from when that is one of the form's. */
export function thanksPage(form: Form, request: IntakeRequest): string {
  const back = backLink(form, request);
  const link = back === null ? "" : `\n<p><a href="${escapeHtml(back)}">Back to the site</a></p>`;
  return page("Thank you", `<p>We have received your details and will be in touch.</p>${link}`);
}

function backLink(form: Form, request: IntakeRequest): string | null {
  const url = URL.parse(request.header("referer") ?? "");
  if (!url || (url.protocol !== "http:" && url.protocol !== "https:")) return null;
  if (form.origins.length > 0 && !isOwnOrigin(url.origin, form.origins, request)) return null;
  // After a correction the visitor comes from the intake path itself, where there is nothing to go back to.
  const intakePath = request.path.replace(/\/thanks$/, "");
  if (url.pathname === intakePath || url.pathname === `${intakePath}/thanks`) return null;
  url.username = "";
  url.password = "";
  return url.href;
}
