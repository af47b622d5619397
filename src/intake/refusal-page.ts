import { correctionForm, type Typed } from "./correction-form.ts";
import { escapeHtml, page } from "./page.ts";
import { type Refusal, refusals } from "./refusal.ts";

/** Says in plain words what happened, and offers what was typed to be corrected and sent again to `path`. */
export function refusalPage(refusal: Refusal, path: string, typed: Typed | null): string {
  const { title } = refusals[refusal.code];
  if (!typed) return page(title, `<p>${escapeHtml(refusal.detail)}</p>`);
  const form = correctionForm(refusal, path, typed);
  return page(title, `<div role="alert">\n<p>${escapeHtml(refusal.detail)}</p>\n${form.summary}</div>\n${form.html}`);
}
