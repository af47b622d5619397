import type { FormInfo } from "../../api/types.ts";

/** The codes of a form that posts to `action`: those of another form with its address in place, or the plain HTML one. */
export function codesFor(action: string, like: Pick<FormInfo, "embed" | "action_url"> | undefined): FormInfo["embed"] {
  if (like) return like.embed.map((one) => ({ ...one, code: one.code.replaceAll(like.action_url, action) }));
  return [{ id: "html", label: "HTML", language: "html", code: plainHtml(action) }];
}

const consent = "You may pass my enquiry on to those who answer it.";

function plainHtml(action: string): string {
  return `<form method="post" action="${action}">
  <label>Name <input name="name" autocomplete="name" /></label>
  <label>E-mail <input name="email" type="email" autocomplete="email" required /></label>
  <label>Message <textarea name="message"></textarea></label>
  <label><input type="checkbox" name="consent" /> ${consent}</label>
  <input type="hidden" name="_consent_text" value="{&quot;consent&quot;:&quot;${consent}&quot;}" />
  <button>Send</button>
</form>`;
}
