import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { CommandRun, Exchange } from "../support/audit-gateway.ts";
import { marksInFiles, marksInLedger, outcomesIn } from "../support/audit-ledger.ts";
import { linkToken, type MarkKind, marksIn, marksInBytes } from "../support/audit-marks.ts";
import { type Audited, runAudit } from "../support/audit-run.ts";
import { ownSecrets, privateKeyLines } from "../support/audit-sandbox.ts";
import { weathers } from "../support/audit-weather.ts";

let folder: string;
let audited: Audited;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "leadkeep-"));
  audited = await runAudit(folder);
}, 600_000);

afterAll(async () => {
  await audited?.sandbox.close();
  rmSync(folder, { recursive: true, force: true });
});

/** A text that was found somewhere. `allowed`: what may stand in it all the same. */
type Sighting = { where: string; text: string; allowed?: string };

const everything: readonly MarkKind[] = ["secret", "personal", "unkept"];
const nothingPersonal: readonly MarkKind[] = ["secret", "unkept"];

/** Everything marked that was seen, by where. */
function leaks(sightings: readonly Sighting[], kinds = everything): string[] {
  const others = [...audited.learned, ...privateKeyLines()];
  const found = sightings.flatMap(({ where, text, allowed = "" }) =>
    [...marksIn(text, kinds), ...others.filter((secret) => text.includes(secret))]
      .filter((value) => !allowed.includes(value))
      .map((value) => `${where}: ${value}`),
  );
  return [...new Set(found)];
}

const isPage = ({ answer }: Exchange): boolean => answer.headers["content-type"]?.startsWith("text/html") ?? false;
const answered = ({ what, answer }: Exchange): Sighting => ({ where: what, text: answer.body });
/** A page may show its visitor what they have just typed; and whoever holds a link may be given the other one. */
const answeredToVisitor = (one: Exchange): Sighting => ({ ...answered(one), allowed: typed(one) });

function typed({ what, sent, answer }: Exchange): string {
  const links = /\blink\b/.test(what) ? (answer.body.match(linkToken) ?? []) : [];
  const read = decodeURIComponent(sent.replaceAll("+", " ").replace(/%(?![0-9a-f]{2})/gi, "%25"));
  return [sent, read, ...links].join("\n");
}

describe("no secret and no personal data is", () => {
  test("in the log", () => {
    const logs = audited.evidence.printed.map(({ stdout }) => ({ where: "log", text: stdout }));
    expect(leaks(logs)).toEqual([]);
  });

  test("in what the process says beside its log", () => {
    const asides = audited.evidence.printed.map(({ stderr }) => ({ where: "stderr", text: stderr }));
    expect(leaks(asides)).toEqual([]);
  });

  test("in the arguments and the title of the process", () => {
    expect(leaks(audited.evidence.listed.map((text) => ({ where: "process", text })))).toEqual([]);
  });

  test("in a problem document", () => {
    const problems = audited.evidence.exchanges.filter((one) => one.answer.status >= 400 && !isPage(one));
    expect(leaks(problems.map(answered))).toEqual([]);
  });

  test("on a page, but for what its visitor has just typed", () => {
    expect(leaks(audited.evidence.exchanges.filter(isPage).map(answeredToVisitor))).toEqual([]);
  });

  test("in the headers of an answer, but for a session's cookie", () => {
    const headers = audited.evidence.exchanges.map(({ what, answer }) => {
      const { "set-cookie": _, ...others } = answer.headers;
      return { where: what, text: JSON.stringify(others) };
    });
    expect(leaks(headers)).toEqual([]);
  });

  test("in what tells of the gateway's health, and in its live events", () => {
    const { exchanges, events } = audited.evidence;
    const paths = ["/healthz", "/readyz", "/metrics"];
    const told = exchanges.filter(({ sent }) => paths.some((path) => sent.startsWith(path))).map(answered);
    expect(leaks([...told, { where: "events", text: events }])).toEqual([]);
  });

  test("in the ledger outside the lead itself: reasons, warnings, acts, pauses, the queue", () => {
    expect(marksInLedger(join(audited.data, "ledger.db"))).toEqual([]);
  });

  test("in the names of files, and in files other than the ledger", () => {
    expect(marksInFiles(audited.data)).toEqual([]);
    expect(leaks(audited.files.map((text) => ({ where: "file name", text })))).toEqual([]);
  });
});

describe("no secret is", () => {
  test("in what a command prints, a start that fails included", () => {
    const printed = ({ args, stdout, stderr }: CommandRun) => ({ where: args.join(" "), text: stdout + stderr });
    expect(leaks(audited.evidence.commands.map(printed), nothingPersonal)).toEqual([]);
  });

  test("in an answer of the API, but for a new token, once", () => {
    const answers = audited.evidence.exchanges.filter(({ what }) => what !== "POST /tokens").map(answeredToVisitor);
    expect(leaks(answers, nothingPersonal)).toEqual([]);
  });

  test("at a vendor it does not open", () => {
    const { vendors, mail } = audited.sandbox;
    const requests = Object.entries(vendors).flatMap(([name, { received }]) =>
      received.map(({ path, headers, body }) => {
        const text = [path, JSON.stringify(headers), body].join("\n");
        const tokens = name === "sheets" ? (text.match(/ya29\.[\w-]+|eyJ[\w-]+\.[\w-]+/g) ?? []) : [];
        return { where: name, text, allowed: [...(ownSecrets[name] ?? []), ...tokens].join(" ") };
      }),
    );
    const mails = mail.received.map(({ raw }) => {
      const text = raw.replace(/=\r?\n/g, "");
      return { where: "mail", text, allowed: text.match(linkToken)?.join(" ") ?? "" };
    });
    expect(leaks([...requests, ...mails], nothingPersonal)).toEqual([]);
  });

  test("in the address of a request, but for a hook's own", () => {
    const hooks = ["webhook", "zapier", "make"];
    const requests = Object.entries(audited.sandbox.vendors).flatMap(([name, { received }]) =>
      received.map(({ path }) => ({
        where: name,
        text: path,
        allowed: hooks.includes(name) ? (ownSecrets[name] ?? []).join() : "",
      })),
    );
    expect(leaks(requests, nothingPersonal)).toEqual([]);
  });
});

test("nothing of a person erased while vendors failed remains in the ledger's files", () => {
  const own = new RegExp(`\\D${audited.erased}z$`);
  const files = ["ledger.db", "ledger.db-wal"].map((name) => readFileSync(join(audited.data, name), { flag: "a+" }));
  const found = files.flatMap((bytes) => marksInBytes(bytes)).filter((value) => own.test(value));
  expect(found).toEqual([]);
});

describe("the audit has seen", () => {
  test("every answer there is to a submission", () => {
    const answers = audited.evidence.exchanges.filter(({ sent }) => sent.startsWith("/f/"));
    const statuses = new Set(answers.map(({ answer }) => answer.status));
    expect([...statuses].sort()).toEqual([200, 202, 303, 400, 403, 404, 405, 413, 415, 422, 503]);
  });

  test("every destination deliver, fail, refuse, and leave it open", () => {
    const seen = outcomesIn(join(audited.data, "ledger.db"));
    const outcomes = ["blocked", "delivered", "rejected", "retry", "uncertain"];
    for (const id of ["hubspot", "mail-customer", "mail-team", "make", "pipedrive", "sheets", "webhook", "zapier"])
      expect([id, seen.filter((line) => line.startsWith(`${id} `))]).toEqual([
        id,
        outcomes.map((one) => `${id} ${one}`),
      ]);
  });

  test("a log that has much to say of it", () => {
    const log = audited.evidence.printed.map(({ stdout }) => stdout).join("");
    for (const message of ["paused", "dead letter", "schema of form", "sign-in", "recovered"])
      expect(log).toContain(message);
    expect(audited.evidence.printed.length).toBeGreaterThan(weathers.length);
    expect(audited.evidence.events).toContain("changed");
  });
});
