import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const source = fileURLToPath(new URL("../src", import.meta.url));

/** The import table of design.md §3: what the code of a folder may import, of ours and from npm. */
const table: Record<string, { ours: string[]; packages: string[] }> = {
  "index.ts": { ours: ["*"], packages: [] },
  // The public API without what is heavy.
  "core.ts": { ours: ["adapters", "config", "gateway.ts", "model"], packages: [] },
  "gateway.ts": {
    ours: [
      "alerts.ts",
      "completeness.ts",
      "config",
      "delivery",
      "destinations",
      "intake",
      "ledger",
      "logger.ts",
      "model",
      "privacy",
      "spam.ts",
      "visitor-script.ts",
      "watch",
    ],
    packages: [],
  },
  // What of the other stages the watch works with.
  "alerts.ts": { ours: ["config", "delivery", "destinations", "ledger/ledger.ts", "model", "watch"], packages: [] },
  // What of the other stages the completeness proof works with.
  "completeness.ts": { ours: ["config", "delivery", "intake", "ledger/ledger.ts", "model", "watch"], packages: [] },
  "spam.ts": {
    ours: ["config", "delivery", "intake", "ledger/ledger.ts", "model", "privacy", "visitor-script.ts"],
    packages: [],
  },
  "visitor-script.ts": { ours: [], packages: [] },
  browser: { ours: [], packages: [] },
  "logger.ts": { ours: ["model"], packages: ["pino"] },
  model: { ours: [], packages: ["zod", "uuid", "@standard-schema/spec"] },
  config: { ours: ["model", "destinations", "ledger"], packages: ["zod", "@standard-schema/spec"] },
  intake: { ours: ["model", "ledger/ledger.ts"], packages: ["libphonenumber-js", "@standard-schema/spec"] },
  ledger: { ours: ["model"], packages: ["zod", "pg", "pg-boss"] },
  delivery: { ours: ["model", "ledger/ledger.ts", "ledger/together.ts"], packages: ["undici", "ipaddr.js"] },
  // People are looked for as intake reads them, and their pages look and answer like intake's.
  privacy: {
    ours: ["model", "ledger/ledger.ts", "ledger/record-json.ts", "intake"],
    packages: ["zod", "fflate"],
  },
  // The weekly digest is a mail, and looks like the others.
  watch: {
    ours: [
      "model",
      "ledger/ledger.ts",
      "ledger/together.ts",
      "ledger/verifications.ts",
      "ledger/record-json.ts",
      "destinations/mail/address.ts",
      "destinations/mail/defang.ts",
      "destinations/mail/document.ts",
      "destinations/mail/render-html.ts",
      "destinations/mail/render-text.ts",
    ],
    packages: ["zod"],
  },
  // Each is one small file over the gateway's handler; frameworks are the host's, never ours.
  adapters: {
    ours: ["gateway.ts", "config", "logger.ts", "model", "intake/media-type.ts", "server/visitor-address.ts"],
    packages: [],
  },
  destinations: { ours: ["model"], packages: ["zod", "standardwebhooks", "jose", "nodemailer", "libphonenumber-js"] },
  // The API is a view on the gateway: of the stages behind it, it imports what they say in JSON, and their types.
  server: {
    ours: [
      "completeness.ts",
      "gateway.ts",
      "model",
      "intake/intake-request.ts",
      "intake/refusal.ts",
      "ledger/accounts.ts",
      "ledger/ledger.ts",
      "ledger/record-csv.ts",
      "ledger/record-json.ts",
      "ledger/together.ts",
      "ledger/verifications.ts",
      "privacy/erasure.ts",
      "privacy/subject.ts",
      "watch/alert-json.ts",
      "watch/report.ts",
      "watch/report-html.ts",
      "watch/silence/silences.ts",
    ],
    packages: ["hono", "@hono/node-server", "@hono/zod-openapi", "@opentelemetry/api", "prom-client"],
  },
  // A program of its own, for the browser: of the server it knows the type of the API, and nothing else of ours.
  console: {
    ours: ["server/api/api.ts"],
    packages: [
      "@mantine/charts",
      "@mantine/core",
      "@mantine/hooks",
      "@mantine/modals",
      "@mantine/notifications",
      "@tabler/icons-react",
      "@tanstack/react-query",
      "@tanstack/react-virtual",
      "hono/client",
      "react",
      "react-dom",
      "react-router",
    ],
  },
  cli: {
    ours: [
      "alerts.ts",
      "completeness.ts",
      "watch",
      "gateway.ts",
      "config",
      "delivery",
      "intake",
      "server",
      "sandbox",
      "logger.ts",
      "model",
      "ledger",
      "privacy",
    ],
    packages: ["commander", "@clack/prompts", "diff", "zod"],
  },
  sandbox: { ours: ["model"], packages: ["zod", "standardwebhooks", "smtp-server", "postal-mime"] },
};

type Import = { from: string; to: string };

test("imports go only downward, as the table of the design says", () => {
  const wrong = imports().filter(({ from, to }) => !isAllowed(from, to));
  expect(wrong.map(({ from, to }) => `${from} imports ${to}`)).toEqual([]);
});

test("every folder of src has its row in the table", () => {
  const places = readdirSync(source).filter((name) => !name.endsWith(".test.ts"));
  expect(places.sort()).toEqual(Object.keys(table).sort());
});

test("which store is used is known where a ledger is opened, and to commands that are about a store", () => {
  const stores = ["ledger/sqlite/", "ledger/postgres/"];
  const knowing = imports().filter(({ from, to }) => stores.some((one) => to.startsWith(one) && !from.startsWith(one)));
  const commands = ["cli/backup.ts", "cli/migrate.ts", "cli/restored.ts"];
  const others = new Set(knowing.map(({ from }) => from).filter((from) => !commands.includes(from)));
  expect([...others]).toEqual(["ledger/open-ledger.ts"]);
});

test("packages for Postgres are optional: only its store imports them, and it is loaded only when asked for", () => {
  const needing = imports().filter(({ to }) => to === "pg" || to === "pg-boss");
  expect(needing.filter(({ from }) => !from.startsWith("ledger/postgres/"))).toEqual([]);
  const opening = files().filter((file) => !file.startsWith("ledger/postgres/"));
  expect(
    opening.filter((file) =>
      /^(?:import|export) (?!type).*ledger\/postgres\/|^import .*"\.\/postgres\//m.test(read(file)),
    ),
  ).toEqual([]);
});

test("of the server, the console imports types only: nothing of it reaches the browser", () => {
  const importing = files().flatMap((file) =>
    placeOf(file) === "console" ? [...read(file).matchAll(/^import .*\/server\/.*$/gm)].map(([line]) => line) : [],
  );
  expect(importing.filter((line) => !line.startsWith("import type "))).toEqual([]);
  expect(importing).not.toEqual([]);
});

test("what a visitor typed is never taken for markup", () => {
  const trusting = files().filter(
    (file) => placeOf(file) === "console" && /dangerouslySetInnerHTML|innerHTML/.test(read(file)),
  );
  expect(trusting).toEqual([]);
});

test("a vendor lives in one file: nothing else decides by the kind of a destination", () => {
  const deciding = files().filter((file) => /kind\s*[!=]==?\s*["']/.test(read(file)) && !file.startsWith("sandbox/"));
  expect(deciding).toEqual([]);
});

test("the clock and chance are arguments: stages neither read the time nor draw by themselves", () => {
  const stages = ["model", "intake", "ledger", "delivery", "destinations"];
  // The default of outcomeOf's `now` is for destinations written by users.
  const allowed = new Set(["destinations/shared/outcome-of.ts"]);
  const reading = files().filter(
    (file) => stages.includes(placeOf(file)) && !allowed.has(file) && /Date\.now\(\)|Math\.random\(\)/.test(read(file)),
  );
  expect(reading).toEqual([]);
});

test("everything is exported by name: there are no default exports", () => {
  expect(files().filter((file) => /^export default/m.test(read(file)))).toEqual([]);
});

function isAllowed(from: string, to: string): boolean {
  const place = placeOf(from);
  const row = table[place];
  if (!row) return false;
  if (to.startsWith("node:")) return true;
  if (!/\.(?:tsx?|module\.css)$/.test(to)) return row.packages.some((name) => to === name || to.startsWith(`${name}/`));
  if (placeOf(to) === place) return true;
  return row.ours.some((one) => one === "*" || one === to || to.startsWith(`${one}/`));
}

function imports(): Import[] {
  return files().flatMap((file) => {
    const matches = read(file).matchAll(
      /^(?:import|export)\s+[^;]*?from\s+["']([^"']+)["']|import\(["']([^"']+)["']\)/gm,
    );
    return [...matches].map((match) => {
      const specifier = match[1] ?? match[2] ?? "";
      const to = specifier.startsWith(".") ? relative(source, join(source, dirname(file), specifier)) : specifier;
      return { from: file, to };
    });
  });
}

function placeOf(file: string): string {
  return file.split("/")[0] ?? "";
}

function files(): string[] {
  return readdirSync(source, { recursive: true, encoding: "utf8" }).filter(
    (name) => /\.tsx?$/.test(name) && !name.endsWith(".test.ts") && !name.endsWith(".d.ts"),
  );
}

function read(file: string): string {
  return readFileSync(join(source, file), "utf8");
}
