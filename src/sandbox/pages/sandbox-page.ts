import type { Fault } from "../fault.ts";
import type { Vendor } from "../vendor.ts";
import type { Site } from "./demo-site.ts";
import { type Html, html } from "./html.ts";
import { inboxCard } from "./inbox-card.ts";

/** The switches of a vendor's card. `name` is also how the page's script recognises the fault that is on. */
const switches: readonly { name: string; label: string; fault: Fault | null }[] = [
  { name: "works", label: "Works", fault: null },
  { name: "error", label: "Answers 500", fault: { type: "status", status: 500, body: "Internal Server Error" } },
  {
    name: "busy",
    label: "Answers 429, retry after 5 s",
    fault: { type: "status", status: 429, headers: { "retry-after": "5" }, body: "Too Many Requests" },
  },
  { name: "hang", label: "Never answers", fault: { type: "hang", applied: false } },
  { name: "lost", label: "Takes it, answer is lost", fault: { type: "reset", when: "after" } },
  { name: "gone", label: "Refuses: 410 gone", fault: { type: "status", status: 410, body: "Gone" } },
  { name: "slow", label: "Slow: 4 s", fault: { type: "latency", ms: 4_000 } },
];

/** One card per vendor; its script fills in what was received, once a second. */
export function sandboxPage(vendors: readonly Vendor[], site: Site | null): Html {
  return html`<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <title>Leadkeep sandbox</title>
    <link rel="icon" href="data:,">
    <link rel="stylesheet" href="/assets/sandbox.css">
    <script src="/assets/sandbox.js" defer></script>
    <script src="/assets/inbox.js" type="module"></script>
  </head>
  <body>
    <header>
      <div>
        <h1>Sandbox</h1>
        <p>Stand-ins for the business systems your leads go to. Break one, send a form, and watch what Leadkeep does.</p>
      </div>
      <div class="actions">
        ${site && html`<a class="button" href="/">Demo site</a><a class="button" href="${site.gatewayUrl}">Gateway</a>`}
        <button class="button" type="button" id="reset">Forget everything</button>
      </div>
    </header>
    <p id="notice" role="status" aria-live="polite"></p>
    <noscript><p class="notice">This page needs JavaScript to show what was received.</p></noscript>
    <main>${vendors.map((vendor) => card(vendor, site))}${inboxCard(site)}</main>
  </body>
</html>
`;
}

function card({ name, label, url }: Vendor, site: Site | null): Html {
  return html`
      <section class="card" data-vendor="${name}" aria-labelledby="${name}-title">
        <div class="card-head">
          <h2 id="${name}-title">${label}</h2>
          <p class="state" data-slot="state" role="status">Works</p>
        </div>
        <code class="url" title="${url}">${url}</code>
        <fieldset class="switches">
          <legend>Behaviour</legend>
          ${switches.map(
            (choice) => html`
          <label><input type="radio" name="${name}-fault" value="${choice.name}" data-fault="${JSON.stringify(choice.fault)}"${
            choice.fault ? null : html` checked`
          }><span>${choice.label}</span></label>`,
          )}
        </fieldset>
        <p class="counts" aria-live="polite" data-slot="counts">Nothing received</p>
        <div class="tables" data-slot="tables" hidden></div>
        <ol class="received" data-slot="received" aria-label="Received by ${label}, newest first"></ol>
        <p class="empty" data-slot="empty">Nothing yet. ${
          site ? html`<a href="/">Send the form on the demo site</a>` : "Send a form"
        } and it shows up here.</p>
      </section>`;
}
