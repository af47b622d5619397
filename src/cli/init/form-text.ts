import type { Answers, ConsentAnswer } from "./answers.ts";

/** How a framework writes HTML. */
export type Dialect = "html" | "jsx";

type Field = { label: string; attributes: Record<string, string>; long?: boolean };

/** Fields intake knows, with what browsers fill into them (https://html.spec.whatwg.org/#autofill, read 2026-11). */
const known: Record<string, Field> = {
  name: { label: "Name", attributes: { autocomplete: "name" } },
  first_name: { label: "First name", attributes: { autocomplete: "given-name" } },
  last_name: { label: "Last name", attributes: { autocomplete: "family-name" } },
  email: { label: "E-mail", attributes: { type: "email", autocomplete: "email" } },
  phone: { label: "Phone", attributes: { type: "tel", autocomplete: "tel" } },
  company: { label: "Company", attributes: { autocomplete: "organization" } },
  message: { label: "Message", attributes: { rows: "5" }, long: true },
  street: { label: "Street", attributes: { autocomplete: "street-address" } },
  postcode: { label: "Postcode", attributes: { autocomplete: "postal-code" } },
  city: { label: "City", attributes: { autocomplete: "address-level2" } },
  country: { label: "Country", attributes: { autocomplete: "country-name" } },
  website: { label: "Website", attributes: { type: "url", autocomplete: "url" } },
};

/** The box of a purpose. */
export function boxOf({ purpose }: Pick<ConsentAnswer, "purpose">): string {
  return purpose === "enquiry" ? "consent" : "marketing_consent";
}

/** What people call a form or field: `call-back` is "Call back". */
export function titleOf(id: string): string {
  const words = id.replaceAll(/[-_]+/g, " ").trim();
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}`;
}

/**
 * The lines of a form that works without any script. `action`: an attribute's whole value, `"…"` or an expression of the
 * framework. E-mail alone is required, or the phone number where there is no e-mail.
 */
export function formLines({ form, fields, consents }: Answers, action: string, dialect: Dialect): string[] {
  const required = fields.includes("email") ? "email" : "phone";
  return [
    `<form method="post" action=${action} data-leadkeep>`,
    ...fields.flatMap((name) => fieldLines(form, name, name === required, dialect)),
    ...consents.flatMap((consent) => consentLines(form, consent, dialect)),
    `  <input${attributesOf({ type: "hidden", name: "_loaded_at", value: "" }, dialect)}>`,
    "  <p data-leadkeep-status></p>",
    '  <button type="submit">Send</button>',
    "</form>",
  ].map((line) => (dialect === "jsx" ? line.replace(/(<input[^>]*)>/, "$1 />") : line));
}

function fieldLines(form: string, name: string, required: boolean, dialect: Dialect): string[] {
  const { label, attributes, long } = known[name] ?? { label: titleOf(name), attributes: {} };
  const id = `${form}-${name}`;
  const all = attributesOf({ id, name, ...attributes, ...(required ? { required: "" } : {}) }, dialect);
  const control = long ? (dialect === "jsx" ? `<textarea${all} />` : `<textarea${all}></textarea>`) : `<input${all}>`;
  return ["  <p>", `    ${labelFor(id, markup(label), dialect)}`, `    ${control}`, "  </p>"];
}

/** Unticked: a box that is ticked already is no consent (CJEU C-673/17). Not required: who says no may still write. */
function consentLines(form: string, consent: ConsentAnswer, dialect: Dialect): string[] {
  const name = boxOf(consent);
  const id = `${form}-${name}`;
  const box = attributesOf({ id, name, type: "checkbox", value: "yes" }, dialect);
  return ["  <p>", `    <input${box}>`, `    ${labelFor(id, markup(consent.text), dialect)}`, "  </p>"];
}

function labelFor(id: string, text: string, dialect: Dialect): string {
  return `<label ${dialect === "jsx" ? "htmlFor" : "for"}="${id}">${text}</label>`;
}

const inJsx: Record<string, string> = { autocomplete: "autoComplete", rows: "rows" };

function attributesOf(attributes: Record<string, string>, dialect: Dialect): string {
  return Object.entries(attributes)
    .map(([name, value]) => {
      if (dialect === "html") return value === "" && name !== "value" ? ` ${name}` : ` ${name}="${markup(value)}"`;
      if (name === "value" && attributes.type === "hidden") return ` defaultValue="${markup(value)}"`;
      if (name === "rows") return ` rows={${value}}`;
      return value === "" ? ` ${name}` : ` ${inJsx[name] ?? name}="${markup(value)}"`;
    })
    .join("");
}

/** Text that stands for itself in HTML, JSX, Vue, Svelte and Astro alike: braces mean something in all but the first. */
function markup(text: string): string {
  return text.replaceAll(/[&<>"{}]/g, (character) => `&#${character.charCodeAt(0)};`);
}
