import { openVerdicts, type Verdict, verdicts } from "../model/verdict.ts";
import { fingerprintOf, type SignedReport, type VerifyReport } from "./report.ts";

/** What a verdict is called in a table, and what it means. */
export const verdictWords: Record<Verdict, { name: string; meaning: string }> = {
  seen: { name: "seen there", meaning: "Delivered, and found at the destination when it was read back." },
  believed: {
    name: "by receipt",
    meaning: "Delivered to a destination that cannot be asked; it confirmed that it took the lead.",
  },
  recent: { name: "just delivered", meaning: "Delivered moments before: not looked for yet." },
  missing: { name: "missing", meaning: "Delivered and confirmed, but not at the destination any more." },
  unknown: { name: "not known", meaning: "Delivered; the destination could not be asked." },
  waiting: { name: "on its way", meaning: "Kept, and being delivered or waiting for its next try." },
  withheld: { name: "withheld", meaning: "Kept, and not passed on: for want of consent, or as suspected spam." },
  dead: { name: "not taken", meaning: "Refused by the destination for good, or given up after all tries." },
  cancelled: { name: "stopped", meaning: "Stopped by a person, a rule, or a withdrawn consent." },
  erased: { name: "erased", meaning: "The person was erased on request." },
  never: { name: "not for it", meaning: "Kept, and never meant for this destination." },
};

const opening = '<script type="application/json" id="signed-report">';
const closing = "</script>";

/**
 * The report as a page that needs nothing but itself and prints well. It carries the signed report; the same report always gives the
 * same page, so that a changed one can be told.
 */
export function reportPage(signed: SignedReport): string {
  const { report, signature } = signed;
  const { leads, accounted } = report;
  const open = leads - accounted;
  const used = verdicts.filter((verdict) => report.destinations.some((one) => (one.verdicts[verdict] ?? 0) > 0));
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${number(accounted)} of ${number(leads)} leads accounted for</title>
<style>${style}</style>
</head>
<body>
<main>
<h1>${number(accounted)} of ${number(leads)} leads accounted for</h1>
<p>${open === 0 ? "Every lead is where it was to go, or there is a reason why not." : `${number(open)} need a look.`}</p>
<dl>
<dt>Leads received</dt><dd>${period(report)}</dd>
<dt>Read back</dt><dd>${time(report.started_at)} to ${time(report.ended_at)}</dd>
<dt>Verification</dt><dd>${text(report.verification)}</dd>
${report.repaired > 0 ? `<dt>Sent again</dt><dd>${number(report.repaired)}</dd>\n` : ""}</dl>
<h2>By destination</h2>
<table>
<thead><tr><th scope="col">Destination</th><th scope="col">Judged by</th>${used.map((one) => `<th scope="col" class="n">${verdictWords[one].name}</th>`).join("")}</tr></thead>
<tbody>
${report.destinations.map((one) => rowOf(one, used)).join("\n")}
</tbody>
</table>
${reasonsOf(report)}${missingOf(report)}<h2>What the columns mean</h2>
<dl class="words">
${used.map((one) => `<dt>${verdictWords[one].name}</dt><dd>${verdictWords[one].meaning}</dd>`).join("\n")}
</dl>
<footer>
<p>Signed with Ed25519, key ${fingerprintOf(signature.public_key)}. To check it: <code>leadkeep verify --check &lt;this file&gt;</code></p>
<p class="key">Public key ${text(signature.public_key)}<br>Signature ${text(signature.value)}</p>
</footer>
</main>
${opening}${embedded(signed)}${closing}
</body>
</html>
`;
}

/** The signed report a page carries; null when it carries none. */
export function reportInPage(page: string): string | null {
  const start = page.indexOf(opening);
  const end = page.indexOf(closing, start);
  return start < 0 || end < 0 ? null : page.slice(start + opening.length, end);
}

function rowOf(
  { label, destination, judged_by, verdicts: counts }: VerifyReport["destinations"][number],
  used: Verdict[],
) {
  const name = label.toLowerCase() === destination ? label : `${label} (${destination})`;
  const cells = used.map((one) => {
    const count = counts[one] ?? 0;
    const calls = count > 0 && openVerdicts.has(one);
    return `<td class="n${calls ? " open" : ""}">${count === 0 ? "–" : number(count)}</td>`;
  });
  return `<tr><th scope="row">${text(name)}</th><td>${judged_by}</td>${cells.join("")}</tr>`;
}

function reasonsOf({ destinations }: VerifyReport): string {
  const rows = destinations.flatMap(({ destination, reasons }) =>
    reasons.map(
      ({ verdict, code, count }) =>
        `<tr><th scope="row">${text(destination)}</th><td>${verdictWords[verdict].name}</td><td>${text(code)}</td><td class="n">${number(count)}</td></tr>`,
    ),
  );
  if (rows.length === 0) return "";
  return `<h2>Reasons</h2>
<table>
<thead><tr><th scope="col">Destination</th><th scope="col">Leads</th><th scope="col">Reason</th><th scope="col" class="n">Count</th></tr></thead>
<tbody>
${rows.join("\n")}
</tbody>
</table>
`;
}

function missingOf({ destinations }: VerifyReport): string {
  const lists = destinations.flatMap(({ label, verdicts: counts, missing }) => {
    if (missing.length === 0) return [];
    const more = (counts.missing ?? 0) - missing.length;
    const rest = more > 0 ? `<p>and ${number(more)} more</p>` : "";
    return [`<h3>${text(label)}</h3>\n<p class="ids">${missing.map(text).join("<br>")}</p>${rest}`];
  });
  return lists.length === 0 ? "" : `<h2>Missing leads</h2>\n${lists.join("\n")}\n`;
}

function period({ since, until }: VerifyReport): string {
  return `${since === null ? "from the first" : `from ${time(since)}`} to ${time(until)}`;
}

/** The same everywhere: a page has to come out the same on every machine. */
function time(iso: string): string {
  return `${text(iso.slice(0, 10))} ${text(iso.slice(11, 16))} UTC`;
}

/** Groups of three with a narrow space that does not break. */
function number(n: number): string {
  return String(n).replace(/\B(?=(\d{3})+$)/g, "\u202f");
}

function text(raw: string): string {
  return raw.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

function embedded(signed: SignedReport): string {
  return JSON.stringify(signed).replaceAll("<", "\\u003c");
}

const style = `
:root { color-scheme: light; }
body { margin: 0; font: 15px/1.5 system-ui, sans-serif; color: #1c1e21; background: #fff; }
main { max-width: 60rem; margin: 0 auto; padding: 2rem 1.5rem; }
h1 { font-size: 1.7rem; line-height: 1.2; margin: 0 0 .5rem; }
h2 { font-size: 1.1rem; margin: 2rem 0 .5rem; }
h3 { font-size: 1rem; margin: 1rem 0 .25rem; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1.5rem; margin: 1rem 0; }
dt { color: #5b616a; } dd { margin: 0; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; font-weight: normal; padding: .35rem .6rem; border-bottom: 1px solid #d7dade; vertical-align: top; }
thead th { color: #5b616a; font-size: .85rem; }
tbody th { font-weight: 600; }
.n { text-align: right; font-variant-numeric: tabular-nums; }
.open { font-weight: 700; color: #b3261e; }
.ids, .key, code { font-family: ui-monospace, monospace; font-size: .8rem; overflow-wrap: anywhere; }
footer { margin-top: 2.5rem; border-top: 1px solid #d7dade; color: #5b616a; font-size: .85rem; }
@page { size: A4; margin: 18mm 15mm; }
@media print {
  body { font-size: 10pt; }
  main { max-width: none; padding: 0; }
  tr, dt, dd, h2, h3 { break-inside: avoid; }
  h2, h3, thead { break-after: avoid; }
  thead { display: table-header-group; }
}
`;
