import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { checkConfiguration, problemsOf } from "../../src/cli/doctor/configuration.ts";
import { checkOrigins } from "../../src/cli/doctor/origins.ts";
import { checkPublicAddress } from "../../src/cli/doctor/public-address.ts";
import { checkConfig, type Options } from "../../src/config/config.ts";
import { toolContext } from "../../src/delivery/check-destination.ts";
import { createGuardedNetwork } from "../../src/delivery/guarded-fetch.ts";
import { ConfigError } from "../../src/model/errors.ts";
import { NetworkError } from "../../src/model/network-error.ts";
import { aGateway } from "../support/a-gateway.ts";

const network = createGuardedNetwork({ allowPrivateNetwork: true });
const context = toolContext(network.fetch, Date.now);
const usual = { publicUrl: null, trustProxy: 0, host: "127.0.0.1", port: 8787 };

function look(
  given: Partial<Pick<Options, "publicUrl" | "trustProxy" | "host" | "port">>,
  answer?: () => Promise<Response>,
) {
  return checkPublicAddress({ ...usual, ...given }, answer ? { ...context, fetch: answer } : context);
}
const of = async (what: string, results: ReturnType<typeof look>) => (await results).find((one) => one.what === what);
const ours = async () => new Response('{"status":"ok"}');

async function aServer(status: number, body = "", headers: Record<string, string> = {}): Promise<string> {
  const server = createServer((_, response) => response.writeHead(status, headers).end(body));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test("a gateway that answers at its public address is fine", async () => {
  const { url, close } = await aGateway();
  expect(await of("public address", look({ publicUrl: `${url}/` }))).toMatchObject({ result: "ok" });
  await close();
});

test("no public address is noted: mails need one for their links", async () => {
  expect(await of("PUBLIC_URL", look({}))).toMatchObject({
    result: "warning",
    cure: expect.stringContaining("https://"),
  });
});

test("a public address without https is a problem, except on this machine", async () => {
  const found = await of("PUBLIC_URL", look({ publicUrl: "http://leads.example.com" }, ours));
  expect(found).toMatchObject({ result: "problem", cure: expect.stringContaining("certificate") });
  expect(await of("PUBLIC_URL", look({ publicUrl: "http://localhost:8787" }, ours))).toBeUndefined();
});

test.each([
  [502, "", "start it"],
  [200, "<h1>Welcome to nginx!</h1>", "not this gateway"],
  [404, "", "not this gateway"],
  [301, "", "redirect"],
])("a public address that answers %s with %j is a problem with its cure", async (status, body, cure) => {
  const publicUrl = await aServer(status, body, { location: "https://example.com/" });
  const found = await of("public address", look({ publicUrl }));
  expect(found).toMatchObject({ result: "problem", cure: expect.stringContaining(cure) });
});

test.each([
  ["enotfound", "host name not found", "problem", "DNS"],
  ["cert_has_expired", "the TLS certificate was not accepted", "problem", "certificate"],
  ["timed_out", "no answer in time", "warning", "elsewhere"],
])("a public address that fails with %s is told with its cure", async (code, message, result, cure) => {
  const failing = () => Promise.reject(new NetworkError(code, message, false));
  const found = await of("public address", look({ publicUrl: "https://leads.example.com", trustProxy: 1 }, failing));
  expect(found).toMatchObject({ result, cure: expect.stringContaining(cure) });
});

test("by https there is a proxy, and not to trust it makes one visitor of all", async () => {
  const untrusted = look({ publicUrl: "https://leads.example.com" }, ours);
  expect(await of("TRUST_PROXY", untrusted)).toMatchObject({
    result: "problem",
    cure: expect.stringContaining("Set it to 1"),
  });
  const trusted = look({ publicUrl: "https://leads.example.com", trustProxy: 1 }, ours);
  expect(await of("TRUST_PROXY", trusted)).toMatchObject({ result: "ok" });
});

test("to trust a proxy where there is none lets visitors claim any address", async () => {
  const given = { publicUrl: "http://leads.example.com:8787", trustProxy: 1, host: "0.0.0.0" };
  expect(await of("TRUST_PROXY", look(given, ours))).toMatchObject({
    result: "problem",
    cure: expect.stringContaining("Set it to 0"),
  });
});

test("forms any site may post to are noted where the world reaches them", async () => {
  const { forms } = await checkConfig({ forms: { contact: {}, quote: { origins: ["https://example.com"] } } }, {});
  const publicUrl = "https://leads.example.com";
  expect(checkOrigins({ forms, publicUrl, host: "127.0.0.1" })).toMatchObject({
    result: "warning",
    detail: "any site may post to: contact",
    cure: expect.stringContaining("origins"),
  });
  expect(checkOrigins({ forms: null, publicUrl: null, host: "0.0.0.0" })).toMatchObject({ result: "warning" });
  const named = new Map([...(forms ?? [])].filter(([id]) => id === "quote"));
  expect(checkOrigins({ forms: named, publicUrl, host: "127.0.0.1" })).toMatchObject({ result: "ok" });
  expect(checkOrigins({ forms: null, publicUrl: null, host: "127.0.0.1" })).toMatchObject({ result: "ok" });
});

test("everything wrong with a configuration is told, each with its cure", async () => {
  const error = await checkConfig({}, { PORT: "many", PIPEDRIVE_DOMAIN: "acme" }).catch((error: unknown) => error);
  const results = error instanceof ConfigError ? problemsOf(error) : [];
  expect(results.map(({ what, result }) => [what, result])).toContainEqual(["PORT", "problem"]);
  expect(results.every(({ cure }) => cure !== "")).toBe(true);
});

test("a configuration without a destination is noted", () => {
  expect(checkConfiguration({ forms: null, destinations: [] })).toMatchObject({
    result: "warning",
    cure: expect.stringContaining("leadkeep init"),
  });
});
