import type { ConsentControl } from "../../model/form.ts";

/** Code to put on a site. `language`: how to colour it. */
export type EmbedCode = { id: string; label: string; language: string; code: string };

/** Where a form posts to, where the visitor's script is, and the boxes beside which consent is given. */
export type EmbedInput = { action: string; script: string; consents: readonly ConsentControl[] };

/** The same small form for each way sites are made; every one works as it stands. */
export function embedCodes({ action, script, consents }: EmbedInput): EmbedCode[] {
  const boxes = consents.filter(({ field }, i) => consents.findIndex((one) => one.field === field) === i).map(boxOf);
  const form = (dialect: Dialect, head = `method="post" action="${action}"`): string =>
    `<form ${head}>\n${[...fields(dialect), ...boxes.map((box) => checkbox(box, dialect)), ...wordings(boxes, dialect)].map((line) => `  ${line}`).join("\n")}\n  <button>Send</button>\n</form>`;
  const scripted = `method="post" action="${action}" data-leadkeep`;
  const tag = `<script src="${script}" defer></script>`;
  const jsx = form("jsx", scripted);
  return [
    { id: "html", label: "HTML", language: "html", code: form("html") },
    { id: "html-script", label: "HTML with script", language: "html", code: `${tag}\n${form("html", scripted)}` },
    { id: "fetch", label: "fetch", language: "js", code: fetchCode(action, consents) },
    { id: "react", label: "React", language: "jsx", code: component(jsx, tag) },
    { id: "next", label: "Next.js", language: "jsx", code: nextCode(jsx, script) },
    { id: "vue", label: "Vue", language: "vue", code: `<template>\n${indent(form("html", scripted))}\n</template>` },
    { id: "nuxt", label: "Nuxt", language: "vue", code: nuxtCode(form("html", scripted), script) },
    { id: "svelte", label: "Svelte", language: "svelte", code: form("html", scripted) },
    { id: "sveltekit", label: "SvelteKit", language: "svelte", code: svelteKitCode(form("html", scripted), script) },
    {
      id: "astro",
      label: "Astro",
      language: "astro",
      code: `${form("html", scripted)}\n<script is:inline src="${script}" defer></script>`,
    },
    { id: "express", label: "Express", language: "js", code: expressCode(action) },
  ];
}

type Dialect = "html" | "jsx";
type Box = { field: string; text: string };

function boxOf({ field, purpose, text }: ConsentControl): Box {
  const usual =
    purpose === "marketing"
      ? "You may write to me about offers."
      : "You may pass my enquiry on to those who answer it.";
  return { field, text: text ?? usual };
}

function fields(dialect: Dialect): string[] {
  const complete = dialect === "jsx" ? "autoComplete" : "autocomplete";
  return [
    `<label>Name <input name="name" ${complete}="name" /></label>`,
    `<label>E-mail <input name="email" type="email" ${complete}="email" required /></label>`,
    `<label>Message <textarea name="message"></textarea></label>`,
  ];
}

function checkbox({ field, text }: Box, dialect: Dialect): string {
  const shown = dialect === "jsx" ? `{${JSON.stringify(text)}}` : escaped(text);
  return `<label><input type="checkbox" name="${field}" /> ${shown}</label>`;
}

/** The wordings as they stand beside the boxes, to be kept as proof. */
function wordings(boxes: readonly Box[], dialect: Dialect): string[] {
  if (boxes.length === 0) return [];
  const text = JSON.stringify(Object.fromEntries(boxes.map((box) => [box.field, box.text])));
  const value = dialect === "jsx" ? `{${JSON.stringify(text)}}` : `"${escaped(text)}"`;
  return [`<input type="hidden" name="_consent_text" value=${value} />`];
}

function fetchCode(action: string, consents: readonly ConsentControl[]): string {
  const given = consents.map(({ field }) => `${JSON.stringify(field)}: true`).join(", ");
  return `const response = await fetch("${action}", {
  method: "POST",
  headers: { "content-type": "application/json", "idempotency-key": crypto.randomUUID() },
  body: JSON.stringify({ email: "ada@example.com", message: "Hello"${given && `, ${given}`} }),
});
if (response.status === 422) console.log((await response.json()).errors);
else if (!response.ok) console.log("not kept; send the same key again", response.headers.get("retry-after"));`;
}

function component(form: string, tag: string): string {
  return `// Once, in the page's <head>: ${tag}
export function ContactForm() {
  return (
${indent(form, 4)}
  );
}`;
}

function nextCode(form: string, script: string): string {
  return `import Script from "next/script";

export function ContactForm() {
  return (
    <>
      <Script src="${script}" />
${indent(form, 6)}
    </>
  );
}`;
}

function nuxtCode(form: string, script: string): string {
  return `<script setup>
useHead({ script: [{ src: "${script}", defer: true }] });
</script>

<template>
${indent(form)}
</template>`;
}

function svelteKitCode(form: string, script: string): string {
  return `<svelte:head>
  <script src="${script}" defer></script>
</svelte:head>

${form}`;
}

function expressCode(action: string): string {
  return `// Takes the form on your own server and hands it on; the answer is the gateway's.
app.post("/contact", express.json(), async (request, response) => {
  const kept = await fetch("${action}", {
    method: "POST",
    headers: { "content-type": "application/json", "idempotency-key": request.get("idempotency-key") ?? crypto.randomUUID() },
    body: JSON.stringify(request.body),
  });
  response.status(kept.status).type("json").send(await kept.text());
});`;
}

function indent(text: string, by = 2): string {
  return text
    .split("\n")
    .map((line) => " ".repeat(by) + line)
    .join("\n");
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll('"', "&quot;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
