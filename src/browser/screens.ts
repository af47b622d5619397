/**
 * START HERE. The browser's part of the screens for spam. A form's own `screens.js` ends with it; before it, the gateway has put
 * what belongs to this page: a stamp that says when it was shown, the name of the field no person sees, and the task to solve.
 */
type Challenge = { algorithm: string; challenge: string; maxnumber: number; salt: string; signature: string };
type Settings = { form: string; stamp: string; honeypot: string | null; challenge: Challenge | null };

declare global {
  interface Window {
    leadkeepScreens?: Settings[];
  }
}

const { src } = document.currentScript as HTMLScriptElement;
const { form: id, honeypot, ...first } = (window.leadkeepScreens as Settings[]).pop() as Settings;
const prepared = new WeakSet<HTMLFormElement>();
let { stamp } = first;
/** The field `altcha`'s value once it is found; null when there is none to find, or no way to. */
let solution: Promise<string | null> | null = first.challenge && solve(first.challenge);
let solved: string | null = null;

for (const form of document.forms) prepare(form);
// Forms that are added later.
addEventListener("focusin", ({ target }) => {
  const { form } = target as HTMLInputElement;
  if (form) prepare(form);
});

// Before anything else hears of it: a form that is sent before its task is solved waits for that.
addEventListener(
  "submit",
  (event) => {
    const form = event.target as HTMLFormElement;
    if (!prepared.has(form) || !solution || solved !== null) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const submitter = event.submitter;
    solution.then(() => HTMLFormElement.prototype.requestSubmit.call(form, submitter));
  },
  true,
);

// What was sent has used up its stamp and its task.
addEventListener("leadkeep:accepted", async ({ target }) => {
  const form = target as HTMLFormElement;
  if (!prepared.has(form)) return;
  const next = (await ask("stamp")) as Pick<Settings, "stamp"> | null;
  stamp = next?.stamp ?? stamp;
  setHidden(form, "_stamp", stamp);
  if (!solution) return;
  const challenge = (await ask("challenge")) as Challenge | null;
  solved = null;
  solution = challenge && solve(challenge);
  fillIn(form);
});

function prepare(form: HTMLFormElement): void {
  const path = new URL(form.getAttribute("action") ?? "", document.baseURI).pathname;
  if (prepared.has(form) || !path.endsWith(`/f/${id}`)) return;
  prepared.add(form);
  setHidden(form, "_stamp", stamp);
  fillIn(form);
  if (honeypot && !form.elements.namedItem(honeypot)) form.append(trap(honeypot));
}

function fillIn(form: HTMLFormElement): void {
  solution?.then((found) => {
    solved = found ?? "";
    if (found) setHidden(form, "altcha", found);
  });
}

/** A field out of sight, which keyboards, screen readers, autofill and password managers are told to pass over. */
function trap(name: string): HTMLElement {
  const box = document.createElement("div");
  const label = document.createElement("label");
  const input = document.createElement("input");
  box.setAttribute("aria-hidden", "true");
  box.style.cssText = "position:absolute;left:-9999px;width:1px;height:1px;overflow:hidden";
  label.textContent = name.replace(/_/g, " ");
  input.name = name;
  input.tabIndex = -1;
  input.autocomplete = "off";
  for (const manager of ["1p-ignore", "lpignore", "bwignore", "protonpass-ignore"])
    input.setAttribute(`data-${manager}`, "true");
  input.setAttribute("data-form-type", "other");
  label.append(input);
  box.append(label);
  return box;
}

/** The value is an attribute too, so that emptying the form leaves it. */
function setHidden(form: HTMLFormElement, name: string, value: string): void {
  const there = form.querySelector<HTMLInputElement>(`input[type=hidden][name=${name}]`);
  const input = there ?? document.createElement("input");
  input.type = "hidden";
  input.name = name;
  input.setAttribute("value", value);
  if (!there) form.append(input);
}

async function ask(page: string): Promise<unknown> {
  try {
    const answer = await fetch(new URL(page, src), { cache: "no-store" });
    return answer.ok ? await answer.json() : null;
  } catch {
    return null;
  }
}

/** Looks for the number whose hash is the one given. Only pages on https have the means. */
async function solve({ challenge, maxnumber, ...rest }: Challenge): Promise<string | null> {
  const encoder = new TextEncoder();
  try {
    for (let number = 0; number <= maxnumber; number++) {
      const hash = await crypto.subtle.digest("SHA-256", encoder.encode(rest.salt + number));
      if (hex(hash) === challenge) return btoa(JSON.stringify({ ...rest, challenge, number }));
    }
  } catch {}
  return null;
}

function hex(hash: ArrayBuffer): string {
  return Array.from(new Uint8Array(hash), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export {};
