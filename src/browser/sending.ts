import { actionOf, clearErrors, type Form, fieldsOf, say, sendPlainly, setBusy, showErrors, textFor } from "./form.ts";
import { type Entry, replace, waiting } from "./outbox.ts";
import { type Answer, isPassing, isReachable, post } from "./post.ts";

/** What each form sent last and is not known to be taken: unchanged, it is sent again with the same key. */
const unsettled = new Map<Form, Entry>();
const underway = new Set<string>();
let tries = 0;
let timer = 0;

/** Sends a form the visitor has just sent, and shows what came of it. `snapshot` is its `_attribution`. */
export async function submit(form: Form, submitter: HTMLElement | null, snapshot: string): Promise<unknown> {
  const url = actionOf(form);
  const fields = fieldsOf(form);
  const before = unsettled.get(form);
  const key = before && isAsSent(form, before.body) ? before.key : crypto.getRandomValues(new Uint32Array(4)).join("-");
  const added: [string, string][] = [
    ["_key", key],
    ["_attribution", snapshot],
  ];
  if (!fields?.includes("timezone=")) added.push(["timezone", Intl.DateTimeFormat().resolvedOptions().timeZone]);
  const { name, value } = (submitter ?? {}) as HTMLButtonElement;
  if (name) added.push([name, value]);

  clearErrors(form);
  setBusy(form, submitter, true);
  // Not at once: the second click of a double one would send an empty form.
  const releaseSoon = (): unknown => setTimeout(setBusy, 1_000, form, submitter, false);
  if (fields === null) {
    // Files do not fit into the outbox.
    sendPlainly(form, added);
    return releaseSoon();
  }
  const body = `${fields}&${new URLSearchParams(added)}`;
  const entry = { key, url, body };
  unsettled.set(form, entry);
  replace(before?.key, entry);
  underway.add(key);
  let answer = await post(url, body);
  // Without an answer either the connection is gone, or the browser keeps the answer from us; a plain post gets through then.
  const isUp = !answer.status && (await isReachable(url));
  if (isUp) answer = await post(url, body);
  underway.delete(key);

  if (settle(key, answer)) {
    const { thanks, thanksMessage } = form.dataset;
    if (thanks) location.assign(thanks);
    else if (thanksMessage === undefined) sendPlainly(form, added);
    reset(form);
    return releaseSoon();
  }
  setBusy(form, submitter, false);
  if (!isPassing(answer)) return;
  if (isUp && !answer.status) {
    replace(key);
    sendPlainly(form, added);
  } else {
    say(form, "alert", textFor(form, "saved"));
    // A button that was off has lost the focus.
    if (!document.querySelector(":focus")) submitter?.focus();
  }
}

/** Sends all that waits once more. */
export async function flush(): Promise<void> {
  for (const { key, url, body } of waiting()) {
    if (underway.has(key)) continue;
    underway.add(key);
    const answer = await post(url, body);
    underway.delete(key);
    const form = settle(key, answer);
    // Whoever has begun to type something new keeps it.
    if (form && isAsSent(form, body)) reset(form);
  }
}

/** A last try when the page may be about to end. Whether it arrives is not told, so the outbox keeps it. */
export function beacon(): void {
  for (const { url, body } of waiting()) navigator.sendBeacon(url, new URLSearchParams(body));
}

/** After a reload: forms tell what of theirs still waits, and it is sent. */
export function resume(): void {
  for (const entry of waiting()) {
    for (const form of document.querySelectorAll<Form>("form[data-leadkeep]")) {
      if (unsettled.has(form) || actionOf(form) !== entry.url) continue;
      unsettled.set(form, entry);
      say(form, "status", textFor(form, "saved"));
      break;
    }
  }
  flush();
}

/** True when the form still holds what this body does. */
function isAsSent(form: Form, body: string): boolean {
  return body.startsWith(`${fieldsOf(form)}&_key=`);
}

/** Notes an answer, and shows it where the form is still there. Gives the form back when it was thanked. */
function settle(key: string, answer: Answer): Form | undefined {
  if (!answer.lead_id && isPassing(answer)) {
    clearTimeout(timer);
    // After 2 s, 4, 8 … or when the gateway asks for it, an hour at the longest.
    timer = setTimeout(flush, Math.min(answer.wait || 2 ** ++tries, 3_600) * 1_000);
    return;
  }
  replace(key);
  for (const [form, sent] of unsettled) {
    if (sent.key !== key) continue;
    if (!answer.lead_id) return showErrors(form, answer.detail ?? "Not sent.", answer.errors ?? []);
    unsettled.delete(form);
    say(form, "status", textFor(form, "thanks"));
    form.dispatchEvent(new CustomEvent("leadkeep:accepted", { bubbles: true, detail: answer }));
    return form;
  }
}

/** A button named `reset` would hide the method. */
function reset(form: Form): void {
  HTMLFormElement.prototype.reset.call(form);
}
