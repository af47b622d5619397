import { createHash } from "node:crypto";

const style = `
:root{color-scheme:light dark;--ink:#1b1f24;--soft:#59636e;--paper:#fff;--line:#c9d1d9;--accent:#0b5cad;--bad:#b3261e}
@media(prefers-color-scheme:dark){:root{--ink:#e8eaed;--soft:#a6adb5;--paper:#16191d;--line:#3d444d;--accent:#7db8f5;--bad:#ff8a80}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:1rem/1.55 system-ui,sans-serif}
main{max-width:36rem;margin:0 auto;padding:clamp(2rem,8vh,5rem) 1.25rem}
h1{font-size:1.6rem;line-height:1.25;margin:0 0 .75rem}
p{margin:0 0 1rem}
a{color:var(--accent)}
label{display:block;font-weight:600;margin:1.25rem 0 .35rem}
input:not([type=checkbox]),textarea{width:100%;padding:.6rem .7rem;font:inherit;color:inherit;background:transparent;border:1px solid var(--line);border-radius:.4rem;margin-bottom:.35rem}
label:has(+input[type=checkbox]){display:inline-block;margin-right:.6rem}
input[type=checkbox]{vertical-align:-.15rem;width:1.15rem;height:1.15rem;accent-color:var(--accent)}
textarea{min-height:8rem}
input[aria-invalid=true],textarea[aria-invalid=true]{border-color:var(--bad)}
:focus-visible{outline:3px solid var(--accent);outline-offset:2px}
button{margin-top:1.75rem;padding:.7rem 1.4rem;font:inherit;font-weight:600;color:var(--paper);background:var(--accent);border:0;border-radius:.4rem;cursor:pointer}
[role=alert]{border-left:4px solid var(--bad);padding:.25rem 0 .25rem 1rem;margin-bottom:1.5rem}
[role=alert] ul{margin:0;padding-left:1.1rem}
.error{color:var(--bad);margin:0}
blockquote{border-left:4px solid var(--line);margin:0 0 1rem;padding:.1rem 0 .1rem 1rem;white-space:pre-line}
.note{color:var(--soft);margin:0}
`;

/** Headers of an HTML page. No `form-action`: it would also stop the 303 that leads on to another site. */
export const pageHeaders: Readonly<Record<string, string>> = {
  "content-type": "text/html; charset=utf-8",
  "content-security-policy": `default-src 'none'; style-src 'sha256-${createHash("sha256").update(style).digest("base64")}'; base-uri 'none'`,
  "x-content-type-options": "nosniff",
};

/** A whole page around `body`, which is HTML already; the title is text. */
export function page(title: string, body: string, language = "en"): string {
  return `<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${escapeHtml(title)}</title>
<style>${style}</style>
</head>
<body>
<main>
<h1>${escapeHtml(title)}</h1>
${body}
</main>
</body>
</html>
`;
}

const entities: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

/** Text made safe both between tags and in quoted attributes. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? character);
}
