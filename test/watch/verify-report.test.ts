import { createPublicKey, randomBytes, verify } from "node:crypto";
import { expect, test } from "vitest";
import type { Verification } from "../../src/ledger/verifications.ts";
import { checkReport, createReportKey, fingerprintOf, reportOf } from "../../src/watch/report.ts";
import { canonicalJson } from "../../src/watch/report-canonical.ts";
import { reportInPage, reportPage } from "../../src/watch/report-html.ts";
import { aLead, aMoment } from "../support/a-lead.ts";
import { anActor } from "../support/a-verified-ledger.ts";

const key = createReportKey(Buffer.alloc(32, 7));
const missing = { destination: "hubspot", leadId: aLead().id };
const run: Verification = {
  id: "vrf_0f0c6f0e-6c0e-4c3e-9a63-2f1f3d7a91c2",
  destination: null,
  since: null,
  until: aMoment,
  repair: false,
  state: "complete",
  by: anActor,
  startedAt: aMoment,
  endedAt: aMoment + 90_000,
  reached: aLead().id,
  counts: {
    expected: 12_431,
    leads: 12_431,
    accounted: 12_430,
    repaired: 0,
    tallies: [
      { destination: "hubspot", verdict: "seen", code: null, count: 12_430 },
      { destination: "hubspot", verdict: "missing", code: null, count: 1 },
      { destination: "webhook", verdict: "believed", code: null, count: 12_400 },
      { destination: "webhook", verdict: "withheld", code: "no_consent", count: 31 },
    ],
  },
};
const destinations = [
  { id: "hubspot", label: "HubSpot <b>", readBack: async () => new Map() },
  { id: "webhook", label: "Webhook", readBack: null },
];
const report = reportOf(run, destinations, [missing]);
const signed = key.sign(report);

test("a report says how each destination was judged, and names the missing leads by id only", () => {
  expect(report).toMatchObject({ leads: 12_431, accounted: 12_430, since: null, until: "2026-11-24T09:30:00.000Z" });
  expect(report.destinations).toMatchObject([
    { destination: "hubspot", judged_by: "read back", missing: [missing.leadId], verdicts: { seen: 12_430, dead: 0 } },
    { destination: "webhook", judged_by: "receipt", reasons: [{ verdict: "withheld", code: "no_consent", count: 31 }] },
  ]);
  expect(JSON.stringify(signed)).not.toContain(anActor.name);
});

test("it holds as it was signed, also when it is written with other spaces and another order of keys", () => {
  const shuffled = JSON.stringify({
    signature: signed.signature,
    report: Object.fromEntries(Object.entries(report).reverse()),
  });
  for (const text of [JSON.stringify(signed), JSON.stringify(signed, null, 4), shuffled]) {
    expect(checkReport(text)?.holds).toBe(true);
  }
});

test("a changed figure, an added one, another's key or a broken signature do not hold", () => {
  const other = createReportKey(randomBytes(32));
  const { signature } = signed;
  for (const changed of [
    { report: { ...report, accounted: 12_431 }, signature },
    { report: { ...report, approved_by: "somebody" }, signature },
    { report, signature: { ...signature, public_key: other.publicKey } },
    { report, signature: { ...signature, value: "AAAA" } },
    { report, signature: { ...signature, public_key: "short" } },
  ]) {
    expect(checkReport(JSON.stringify(changed))?.holds).toBe(false);
  }
});

test("what is no report is not taken for one", () => {
  for (const text of ["", "{}", "null", JSON.stringify(report), JSON.stringify({ report: {}, signature: {} })]) {
    expect(checkReport(text)).toBeNull();
  }
});

test("the signature is plain Ed25519 over canonical JSON, for whoever checks it otherwise", () => {
  const x = Buffer.from(signed.signature.public_key, "base64").toString("base64url");
  const publicKey = createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x }, format: "jwk" });
  const value = Buffer.from(signed.signature.value, "base64");
  expect(verify(null, Buffer.from(canonicalJson(report)), publicKey, value)).toBe(true);
});

test("the same secret gives the same key on every machine, another gives another", () => {
  expect(createReportKey(Buffer.alloc(32, 7)).publicKey).toBe(key.publicKey);
  expect(createReportKey(Buffer.alloc(32, 8)).publicKey).not.toBe(key.publicKey);
  expect(key.fingerprint).toBe(fingerprintOf(key.publicKey));
});

test("canonical JSON sorts keys, and writes nothing between", () => {
  expect(canonicalJson({ b: [1, { z: null, a: "ä\n" }], a: true })).toBe('{"a":true,"b":[1,{"a":"ä\\n","z":null}]}');
});

test("the page shows the figures, carries the signed report, and is the same each time", () => {
  const page = reportPage(signed);
  expect(page).toContain("<h1>12\u202f430 of 12\u202f431 leads accounted for</h1>");
  expect(page).toContain("HubSpot &#60;b&#62;");
  expect(page).toContain("@media print");
  expect(page).toContain(missing.leadId);
  const carried = checkReport(reportInPage(page) ?? "");
  expect(carried?.holds).toBe(true);
  expect(carried && reportPage(carried.signed)).toBe(page);
});

test("a label cannot end the part of the page that carries the report", () => {
  const hostile = reportOf(run, [{ id: "hubspot", label: "</script><script>alert(1)</script>", readBack: null }], []);
  const page = reportPage(key.sign(hostile));
  expect(page).not.toContain("<script>alert");
  expect(checkReport(reportInPage(page) ?? "")?.holds).toBe(true);
});
