/** What the gateway says of one field. */
export type FieldError = { field: string; message: string };
export type Form = HTMLFormElement;

/** The place of a field's message, made when there first is one. */
const notes = new Map<Element, HTMLElement>();

const texts = {
  saved: "Not sent yet: saved on this device, sent when you are online again. Keep this tab open.",
  thanks: "Thank you.",
};

/** A text for the visitor: the form's own `data-…-message`, else ours. */
export function textFor(form: Form, name: keyof typeof texts): string {
  return form.dataset[`${name}Message`] ?? texts[name];
}

/** The fields as they are filled in, urlencoded as browsers do it. Null when a file was chosen. */
export function fieldsOf(form: Form): string | null {
  const fields = new URLSearchParams();
  for (const [name, value] of new FormData(form)) {
    if (typeof value === "string") fields.append(name, value.replace(/\r\n?|\n/g, "\r\n"));
    else if (value.size) return null;
  }
  return `${fields}`;
}

/** Where it is sent to. Attributes are asked, since a field named `action` hides the property. */
export function actionOf(form: Form): string {
  return new URL(form.getAttribute("action") as string, document.baseURI).href;
}

/** A form on its way cannot be sent a second time: `aria-busy` says so, and the button is off. */
export function setBusy(form: Form, submitter: HTMLElement | null, busy: boolean): void {
  set(form, "aria-busy", busy ? "true" : "");
  if (submitter) (submitter as HTMLButtonElement).disabled = busy;
}

/** Tells the visitor something, in the form's own `[data-leadkeep-status]` or at its end. */
export function say(form: Form, role: "status" | "alert", text: string): HTMLElement {
  const box = form.querySelector<HTMLElement>("[data-leadkeep-status]") ?? document.createElement("p");
  if (!box.parentNode) form.append(box);
  set(box, "data-leadkeep-status", role);
  set(box, "role", role);
  box.textContent = text;
  return box;
}

/** Puts each message beside its field and the rest at the form's end, and the cursor in the first field to correct. */
export function showErrors(form: Form, detail: string, errors: readonly FieldError[]): undefined {
  let text = detail;
  let first: HTMLElement | undefined;
  for (const { field, message } of errors) {
    const name = CSS.escape(field);
    const control = form.querySelector<HTMLElement>(`[name=${name}],[name=${name}\\[\\]]`);
    if (control) {
      mark(control, message);
      first ??= control;
    } else text += ` ${message}`;
  }
  const box = say(form, "alert", text);
  box.tabIndex = -1;
  (first ?? box).focus();
}

export function clearErrors(form: Form): void {
  for (const control of notes.keys()) if (form.contains(control)) mark(control, "");
}

function mark(control: Element, message: string): void {
  const note = notes.get(control) ?? document.createElement("p");
  if (!note.id) {
    note.className = "leadkeep-error";
    note.id = `leadkeep-error-${notes.size}`;
    notes.set(control, note);
    (control.closest("label") ?? control).after(note);
    set(control, "aria-describedby", `${control.getAttribute("aria-describedby") ?? ""} ${note.id}`);
  }
  note.textContent = message;
  note.hidden = !message;
  set(control, "aria-invalid", message && "true");
}

/** Sends it as the browser itself does, with these fields added. Fields named `method` or `submit` hide what is called so. */
export function sendPlainly(form: Form, added: readonly (readonly [string, string])[]): void {
  set(form, "method", "post");
  const add = ({ formData }: FormDataEvent): void => {
    for (const [name, value] of added) formData.append(name, value);
  };
  form.addEventListener("formdata", add, { once: true });
  HTMLFormElement.prototype.submit.call(form);
}

/** Sets an attribute; an empty one is removed. */
function set(element: Element, name: string, value: string): void {
  if (value) element.setAttribute(name, value);
  else element.removeAttribute(name);
}
