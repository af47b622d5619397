import { createHash, createPrivateKey, createPublicKey, sign, verify } from "node:crypto";
import * as z from "zod";
import type { Missing, Verification } from "../ledger/verifications.ts";
import type { Destination } from "../model/destination.ts";
import { type Verdict, verdicts } from "../model/verdict.ts";
import { canonicalJson } from "./report-canonical.ts";

const whole = z.number().int().nonnegative();
const format = "leadkeep-verification-1";

const figures = z.object({
  /** Its id in the configuration. */
  destination: z.string(),
  label: z.string(),
  /** `read back`: delivered leads were looked for there. `receipt`: it cannot be asked; its receipt is believed. */
  judged_by: z.enum(["read back", "receipt"]),
  verdicts: z.record(z.enum(verdicts), whole),
  /** Why, where there is a reason. */
  reasons: z.array(z.object({ verdict: z.enum(verdicts), code: z.string(), count: whole })),
  /** Ids of leads that are missing: the first of them. */
  missing: z.array(z.string()),
});

const report = z.object({
  format: z.literal(format),
  verification: z.string(),
  /** Leads received from `since` (null: the first) to before `until`. ISO 8601, UTC, as all times. */
  since: z.string().nullable(),
  until: z.string(),
  started_at: z.string(),
  /** When the last lead was read back. */
  ended_at: z.string(),
  /** How many leads there were, and for how many nothing is left to see to. */
  leads: whole,
  accounted: whole,
  /** Missing ones that were sent again right after. */
  repaired: whole,
  destinations: z.array(figures),
});

/** What a verification came to, for somebody who has no access to the record. It says nothing of any person. */
export type VerifyReport = z.infer<typeof report>;

const signedReport = z.object({
  report,
  signature: z.object({ algorithm: z.literal("Ed25519"), public_key: z.string(), value: z.string() }),
});
/** A report and who made it. The signature is over the report as canonical JSON (RFC 8785). Key and signature in base64. */
export type SignedReport = z.infer<typeof signedReport>;

/** Signs reports. Its public half may be given to anybody. */
export type ReportKey = {
  sign(report: VerifyReport): SignedReport;
  /** The raw 32 bytes in base64. */
  publicKey: string;
  /** 16 hex digits people can compare: the beginning of the public key's SHA-256. */
  fingerprint: string;
};

/** What comes before the 32 bytes of a private key in PKCS #8, and of a public one in SPKI: RFC 8410, sections 7 and 4. */
const pkcs8Head = Buffer.from("302e020100300506032b657004220420", "hex");
const spkiHead = Buffer.from("302a300506032b6570032100", "hex");

/** So many missing leads are named for each destination. */
export const mostNamed = 1_000;

/** An Ed25519 key of 32 secret bytes: the same bytes give the same key. */
export function createReportKey(seed: Uint8Array): ReportKey {
  const key = createPrivateKey({ key: Buffer.concat([pkcs8Head, seed]), format: "der", type: "pkcs8" });
  const spki = createPublicKey(key).export({ format: "der", type: "spki" });
  const publicKey = spki.subarray(spkiHead.length).toString("base64");
  return {
    publicKey,
    fingerprint: fingerprintOf(publicKey),
    sign: (report) => {
      const value = sign(null, Buffer.from(canonicalJson(report)), key).toString("base64");
      return { report, signature: { algorithm: "Ed25519", public_key: publicKey, value } };
    },
  };
}

/** What people compare of a public key. */
export function fingerprintOf(publicKey: string): string {
  return createHash("sha256").update(Buffer.from(publicKey, "base64")).digest("hex").slice(0, 16);
}

/** Reads a signed report and checks its signature by the key it names. Null when it is no report; then nothing was checked. */
export function checkReport(text: string): { signed: SignedReport; holds: boolean } | null {
  const parsed = signedReport.safeParse(parsedJson(text));
  if (!parsed.success) return null;
  const { public_key, value } = parsed.data.signature;
  // As it stands in the file: what the schema does not know was signed too.
  const { report: written } = parsedJson(text) as { report: object };
  try {
    const der = Buffer.concat([spkiHead, Buffer.from(public_key, "base64")]);
    const key = createPublicKey({ key: der, format: "der", type: "spki" });
    const holds = verify(null, Buffer.from(canonicalJson(written)), key, Buffer.from(value, "base64"));
    return { signed: parsed.data, holds };
  } catch {
    return { signed: parsed.data, holds: false };
  }
}

/** The report of a complete verification. `missing`: those it found; of each destination the first are named. */
export function reportOf(
  { id, since, until, startedAt, endedAt, counts }: Verification,
  destinations: readonly Pick<Destination, "id" | "label" | "readBack">[],
  missing: readonly Pick<Missing, "destination" | "leadId">[],
): VerifyReport {
  const { leads, accounted, repaired, tallies } = counts;
  const places = [...new Set(tallies.map(({ destination }) => destination))].sort();
  return {
    format,
    verification: id,
    since: since === null ? null : iso(since),
    until: iso(until),
    started_at: iso(startedAt),
    ended_at: iso(endedAt ?? startedAt),
    leads,
    accounted,
    repaired,
    destinations: places.map((place) => {
      const known = destinations.find((one) => one.id === place);
      const own = tallies.filter(({ destination }) => destination === place);
      return {
        destination: place,
        label: known?.label ?? place,
        judged_by: known?.readBack ? "read back" : "receipt",
        verdicts: Object.fromEntries(verdicts.map((verdict) => [verdict, countOf(own, verdict)])) as Record<
          Verdict,
          number
        >,
        reasons: own.flatMap(({ verdict, code, count }) => (code === null ? [] : [{ verdict, code, count }])),
        missing: missing
          .filter(({ destination }) => destination === place)
          .slice(0, mostNamed)
          .map(({ leadId }) => leadId),
      };
    }),
  };
}

function countOf(tallies: Verification["counts"]["tallies"], wanted: Verdict): number {
  return tallies.filter(({ verdict }) => verdict === wanted).reduce((sum, { count }) => sum + count, 0);
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
