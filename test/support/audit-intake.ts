import { DatabaseSync } from "node:sqlite";
import { mark } from "./audit-marks.ts";
import { type AuditSite, json, urlencoded } from "./audit-site.ts";
import { formBody } from "./audit-visitor.ts";
import { echoOf, setWeather, unprocessable } from "./audit-weather.ts";

/** Submissions that are kept, one way or the other. */
export async function accept({ gateway, visitor, post, tried }: AuditSite): Promise<void> {
  await tried(await post("accepted as JSON"));
  const browser = visitor();
  const headers = { ...browser.headers, ...urlencoded };
  await gateway.ask("accepted from a browser", "/f/contact?from=somewhere", { headers, body: formBody(browser) });
  await gateway.ask("sent again with the same key", "/f/contact", { headers, body: formBody(browser) });
  await gateway.ask("the page of thanks", "/f/contact/thanks", { method: "GET", headers: browser.headers });
  await post("taken in spite of a schema that throws", visitor(), "broken");
  const bare = visitor();
  const unasked = { ...bare, fields: { ...bare.fields, consent: undefined, _consent: undefined } };
  await post("accepted without consent", unasked);
}

/** Submissions that are refused in every way there is, and a look at what is no form. */
export async function refuse({ gateway, visitor }: AuditSite): Promise<void> {
  const who = visitor();
  const { headers, fields, email } = who;
  const body = JSON.stringify(fields);
  const asJson = { ...headers, ...json };
  const broken = `${mark("personal", "broken")}@`;
  const tries: [what: string, path: string, asked: Parameters<AuditSite["gateway"]["ask"]>[2]][] = [
    ["400 for JSON that is cut off", "/f/contact", { headers: asJson, body: body.slice(0, -2) }],
    ["400 for JSON that is no object", "/f/contact", { headers: asJson, body: `[${body}]` }],
    [
      "400 for no boundary",
      "/f/contact",
      { headers: { ...headers, "content-type": `multipart/form-data; a=${email}` }, body },
    ],
    [
      "400 for a long key",
      "/f/contact",
      { headers: { ...asJson, "idempotency-key": mark("unkept", "key").repeat(40) }, body },
    ],
    ["403", "/f/choosy", { headers: { ...asJson, origin: "https://other.example" }, body }],
    ["404 for another form", "/f/quote", { headers: asJson, body }],
    ["404 for nothing at all", `/nothing?email=${email}`, { headers: asJson, body }],
    ["405", "/f/contact", { method: "PUT", headers: asJson, body }],
    ["413", "/f/contact", { headers: asJson, body: { ...fields, long: "x".repeat(300_000) } }],
    ["415", "/f/contact", { headers: { ...headers, "content-type": "text/plain", accept: "application/json" }, body }],
    ["415 for a compressed body", "/f/contact", { headers: { ...asJson, "content-encoding": "gzip" }, body }],
    ["422", "/f/contact", { headers: asJson, body: { ...fields, email: broken, phone: `0800 ${broken}` } }],
    [
      "422 with the page to correct",
      "/f/contact",
      { headers: { ...headers, ...urlencoded }, body: formBody({ ...who, fields: { ...fields, email: broken } }) },
    ],
    ["a preflight", "/f/choosy", { method: "OPTIONS", headers: { ...headers, origin: "https://other.example" } }],
  ];
  for (const [what, path, asked] of tries) await gateway.ask(what, path, asked);
  const paths = ["/healthz", "/readyz", "/metrics", "/", "/leadkeep.js", "/console", "/c/x.y.z"];
  for (const path of [...paths, `/u/${mark("secret", "linktoken")}`])
    await gateway.ask(`GET ${path}`, path, { method: "GET", headers });
}

/** Submissions and an erasure while another process keeps the ledger from being written. */
export async function lockLedger({
  gateway,
  sandbox,
  file,
  visitor,
  post,
  tried,
  resumeAll,
}: AuditSite): Promise<void> {
  const who = visitor();
  const holder = new DatabaseSync(file, { timeout: 10_000 });
  holder.exec("BEGIN IMMEDIATE");
  await post("taken by the backup", who);
  const headers = { ...who.headers, ...urlencoded };
  setWeather(sandbox, unprocessable, echoOf(who));
  await Promise.all([
    post("503"),
    gateway.ask("503 with the page to send again", "/f/contact", { headers, body: formBody(visitor()) }),
    gateway.ask("/readyz while the ledger is locked", "/readyz", { method: "GET" }),
    gateway.api("POST", "/subjects/erase", { body: { identifier: who.email, confirm: who.email } }),
  ]);
  setWeather(sandbox, null);
  holder.exec("ROLLBACK");
  holder.close();
  await tried(await post("after the lock"));
  await resumeAll();
}
