import { expect, test } from "vitest";
import type { Json } from "../model/json.ts";
import { flatPayload, leadPayload } from "../model/payload.ts";
import { sampleLead } from "../model/sample-lead.ts";
import { indexFields } from "./field-index.ts";
import { readAttribution } from "./read-attribution.ts";
import { readScriptFindings, snapshotOf } from "./script-snapshot.ts";

const at = 1_700_000_000_000;
const first = { url: "https://example.com/?utm_source=a", referrer: "https://www.example.org/", at, utm_source: "a" };
const last = { url: "https://example.com/b?gclid=AbC", referrer: "", at, gclid: "AbC" };
const page = { url: "https://example.com/contact", referrer: "https://example.com/b" };
const consent = { ad_storage: "granted", source: "gcm", at: "2026-11-24T00:00:00.000Z" };

const read = (script: Json) => readAttribution(script, indexFields({}), null);

test("first and last touch are kept as whole snapshots, with the consent they rest on", () => {
  expect(read({ ...page, first, last, consent })).toEqual({
    ...page,
    parameters: { gclid: "AbC" },
    from: "script",
    firstTouch: { url: first.url, referrer: first.referrer, at, parameters: { utm_source: "a" } },
    lastTouch: { url: last.url, referrer: null, at, parameters: { gclid: "AbC" } },
    consentState: consent,
  });
});

test("a page with a campaign of its own is not mixed with an earlier one", () => {
  expect(read({ ...page, utm_source: "b", last: first }).parameters).toEqual({ utm_source: "b" });
});

test("visitor ids and a site's own parameters are kept apart, Google's ids taken out of its cookies' values", () => {
  const ids = { _fbp: "fb.1.9.8", _ga: "GA1.1.111.222", _ga_ABC: "GS2.1.s333$o1", partner: "x" };
  expect(readScriptFindings({ ...page, ...ids, hubspotutk: "0123456789abcdef", page_title: "t", at })).toEqual({
    extra: { _fbp: "fb.1.9.8", ga_client_id: "111.222", ga_session_id: "333", partner: "x" },
  });
});

test.each<Json>([
  { first: "x", last: 7, click: [], consent: "granted" },
  { first: {}, consent: { evil: "x" } },
  { first: { url: "javascript:alert(1)" } },
  { "<b>": "x", "a b": "x", long: "x".repeat(600), list: ["x"], object: { a: 1 } },
])("what is not of its shape says nothing: %j", (sent) => {
  expect(readScriptFindings(sent)).toEqual({});
});

test("the payload tells the touches, and no parameter of a site takes another key's place", () => {
  const attribution = read({ ...page, first, last, consent, partner: "x", email: "evil@example.com" });
  const lead = { ...sampleLead(at), attribution };
  const time = "2023-11-14T22:13:20.000Z";
  expect(leadPayload(lead).source).toMatchObject({
    ...page,
    gclid: "AbC",
    utm_source: null,
    partner: "x",
    first_touch: { url: first.url, referrer: first.referrer, utm_source: "a", at: time },
    last_touch: { url: last.url, referrer: null, gclid: "AbC", at: time },
    consent_state: consent,
  });
  expect(flatPayload(lead)).toMatchObject({
    email: lead.email,
    partner: "x",
    first_touch_utm_source: "a",
    last_touch_gclid: "AbC",
    last_touch_at: time,
  });
});

test("a form sent once more without the script says the same again", () => {
  const attribution = read({ ...page, first, last, click: last, consent, partner: "x" });
  expect(read(JSON.stringify(snapshotOf(attribution)))).toEqual(attribution);
});
