import { clickIdKeys, utmKeys } from "../../model/attribution.ts";
import { type Html, html } from "./html.ts";

/** The gateway the demo site's form posts to, and the form's id there. */
export type Site = { gatewayUrl: string; form: string };

/** The wording beside the consent box, sent along so that what is on record is what was shown. */
export const consentText =
  "Northlight Solar may use the details in this form to prepare my quote, and share them with the systems it uses to do so. I can withdraw this at any time.";

const campaignKeys = [...utmKeys, ...clickIdKeys];

const adQuery = new URLSearchParams({
  utm_source: "google",
  utm_medium: "cpc",
  utm_campaign: "solar-autumn",
  gclid: "Cj0KCQiA_demo_Click-Id_BwE",
});

const roofs = ["Pitched, tiles", "Pitched, slate", "Flat", "Metal", "Not sure"];
const interests = ["Solar panels", "Battery storage", "Car charger"];

/** The landing page of an invented trade, with a plain form that posts to the gateway. */
export function demoSite(site: Site, query: URLSearchParams): Html {
  const campaign = campaignKeys.some((key) => query.has(key));
  return shell(
    site,
    "Northlight Solar: a quote for your roof",
    html`
    <section class="hero">
      <div class="pitch">
        <p class="eyebrow">Roof solar for homes</p>
        <h1>Your roof could be earning its keep.</h1>
        <p class="lead">Tell us a little about it. You get a fixed price and a drawing of your panels within two working days.</p>
        <ul class="facts">
          <li><strong>2 days</strong> to a fixed quote</li>
          <li><strong>1 day</strong> to install</li>
          <li><strong>25 years</strong> of warranty</li>
        </ul>
        ${roofPicture}
      </div>
      ${quoteForm(site)}
    </section>
    <p class="strip">${
      campaign
        ? html`You arrived as if from an ad: the campaign goes with the form. <a href="/">Arrive without it</a>`
        : html`You arrived directly. <a href="/?${adQuery.toString()}">Arrive as if from an ad</a>`
    }</p>`,
    html`<script src="${gatewayOf(site)}/leadkeep.js" defer></script>`,
  );
}

/** Where the gateway sends the visitor back to. */
export function thanksPage(site: Site | null): Html {
  return shell(
    site,
    "Thank you: Northlight Solar",
    html`
    <section class="thanks">
      <h1>Thank you. We have it.</h1>
      <p class="lead">Your request is on its way to our planners. You will hear from us within two working days.</p>
      <p><a class="button" href="/sandbox">See where it went</a> <a class="quiet" href="/">Send another</a></p>
    </section>`,
  );
}

/** `consent` has no `required`: without it the lead is still kept and goes nowhere, which the demo wants to show. */
function quoteForm(site: Site): Html {
  return html`
      <form class="card" method="post" action="${gatewayOf(site)}/f/${encodeURIComponent(site.form)}"
        data-leadkeep data-thanks="/thanks">
        <h2>Get your quote</h2>
        <label>Name <input name="name" autocomplete="name" required></label>
        <div class="pair">
          <label>E-mail <input name="email" type="email" autocomplete="email" required></label>
          <label>Phone <input name="phone" type="tel" autocomplete="tel"></label>
        </div>
        <label>Roof type
          <select name="roof_type">${roofs.map((roof) => html`<option>${roof}</option>`)}</select>
        </label>
        <fieldset>
          <legend>Interested in</legend>
          ${interests.map(
            (interest) =>
              html`<label class="tick"><input type="checkbox" name="interests" value="${interest}"> ${interest}</label>`,
          )}
        </fieldset>
        <label>Message <textarea name="message" rows="3"></textarea></label>
        <div class="consents">
          <label class="tick"><input type="checkbox" name="consent" value="yes">
            <span>${consentText} <span class="needed">Needed for a quote</span></span></label>
          <input type="hidden" name="_consent_text" value="${consentText}">
          <label class="tick"><input type="checkbox" name="marketing_consent" value="yes">
            <span>Send me offers by e-mail, about once a month.</span></label>
        </div>
        <button class="button" type="submit">Request my quote</button>
      </form>`;
}

function gatewayOf({ gatewayUrl }: Site): string {
  return gatewayUrl.replace(/\/$/, "");
}

function shell(site: Site | null, title: string, main: Html, scripts: Html | null = null): Html {
  return html`<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>${title}</title>
    <link rel="icon" href="data:,">
    <link rel="stylesheet" href="/assets/site.css">
    ${scripts}
  </head>
  <body>
    <header class="bar"><a class="brand" href="/"><span class="sun" aria-hidden="true"></span>Northlight Solar</a></header>
    <main>${main}</main>
    <footer>
      <p>Northlight Solar is invented, for the Leadkeep demo.</p>
      <nav aria-label="Behind the scenes">
        <a href="/sandbox">What the business systems received</a>
        ${site && html`<a href="${site.gatewayUrl}">The gateway</a>`}
      </nav>
    </footer>
  </body>
</html>
`;
}

const roofPicture = html`
        <svg class="picture" viewBox="0 0 520 220" role="img" aria-label="A house with solar panels under the sun">
          <circle class="p-sun" cx="430" cy="54" r="30"/>
          <path class="p-hill" d="M0 190 Q130 140 270 178 T520 160 V220 H0 Z"/>
          <rect class="p-wall" x="128" y="120" width="210" height="78"/>
          <path class="p-roof" d="M104 124 L176 48 H312 L364 124 Z"/>
          <g class="p-panel">
            <path d="M186 62 h34 l-8 22 h-37 z M226 62 h34 l2 22 h-44 z M266 62 h34 l12 22 h-44 z"/>
            <path d="M172 90 h38 l-9 22 h-41 z M216 90 h46 l3 22 h-58 z M268 90 h46 l14 22 h-57 z"/>
          </g>
          <rect class="p-door" x="206" y="148" width="32" height="50"/>
          <rect class="p-window" x="150" y="146" width="34" height="28"/>
          <rect class="p-window" x="272" y="146" width="40" height="28"/>
        </svg>`;
