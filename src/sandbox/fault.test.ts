import { connect } from "node:net";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Fault, type Sandbox, startSandbox } from "./index.ts";

const draws: number[] = [];
let sandbox: Sandbox;
beforeEach(async () => {
  sandbox = await startSandbox({ random: () => draws.shift() ?? 0 });
});
afterEach(() => sandbox.close());

function post(fault?: Fault, init: RequestInit = {}): Promise<Response> {
  if (fault) sandbox.vendors.webhook.setFault(fault);
  return fetch(sandbox.vendors.webhook.url, { method: "POST", body: '{"event_id":"evt_1"}', ...init });
}

function applied(): boolean[] {
  return sandbox.vendors.webhook.received.map((entry) => entry.applied);
}

test("status: the vendor answers it, with its headers and body, and applies nothing", async () => {
  const response = await post({ type: "status", status: 429, headers: { "retry-after": "7" }, body: "later" });
  expect([response.status, response.headers.get("retry-after"), await response.text()]).toEqual([429, "7", "later"]);
  expect(applied()).toEqual([false]);
});

test("status: with `applied` the vendor holds the request although it answers an error", async () => {
  expect((await post({ type: "status", status: 500, applied: true })).status).toBe(500);
  expect(applied()).toEqual([true]);
});

test("latency: the request is applied at once and answered in the end", async () => {
  expect(await (await post({ type: "latency", ms: 30 })).json()).toEqual({ ok: true });
  expect(applied()).toEqual([true]);
});

test.each([true, false])("hang: no answer comes, and it is applied or not as told: %s", async (told) => {
  await expect(post({ type: "hang", applied: told }, { signal: AbortSignal.timeout(100) })).rejects.toThrow("timeout");
  expect(applied()).toEqual([told]);
  expect(sandbox.vendors.webhook.received[0]?.answered).toBe("hung");
});

test.each([
  ["before", false],
  ["after", true],
] as const)("reset %s applying: the client sees its connection reset", async (when, told) => {
  const failure = await post({ type: "reset", when }).catch((error: unknown) => error);
  expect(failure).toMatchObject({ cause: { code: "ECONNRESET" } });
  expect(applied()).toEqual([told]);
});

test("garbage: 200 with bytes that are no text", async () => {
  const response = await post({ type: "garbage" });
  expect(response.status).toBe(200);
  const bytes = await response.arrayBuffer();
  expect(() => new TextDecoder("utf-8", { fatal: true }).decode(bytes)).toThrow();
});

test("drip: headers, then bytes one by one without an end", async () => {
  const response = await post({ type: "drip", intervalMs: 5 });
  expect(response.status).toBe(200);
  const reader = response.body?.getReader();
  for (let n = 0; n < 3; n += 1) expect((await reader?.read())?.done).toBe(false);
  await reader?.cancel();
  expect(sandbox.vendors.webhook.received[0]?.answered).toBe("dripping");
});

test("endless: 200 and more body than anyone wants", async () => {
  const reader = (await post({ type: "endless" })).body?.getReader();
  let bytes = 0;
  while (bytes < 5_000_000) bytes += (await reader?.read())?.value?.length ?? 0;
  await reader?.cancel();
  expect(bytes).toBeGreaterThanOrEqual(5_000_000);
});

test("redirect: 307 to the given place, so that a client that follows repeats the POST there", async () => {
  const location = `${sandbox.vendors.zapier.url}?from=webhook`;
  const response = await post({ type: "redirect", location }, { redirect: "manual" });
  expect([response.status, response.headers.get("location")]).toEqual([307, location]);
  expect(applied()).toEqual([false]);
});

test("times: it hits so many requests, then the vendor is itself again", async () => {
  await post({ type: "status", status: 500, times: 2 });
  expect(sandbox.vendors.webhook.fault).toMatchObject({ times: 1 });
  expect((await post()).status).toBe(500);
  expect((await post()).status).toBe(200);
  expect(sandbox.vendors.webhook.fault).toBeNull();
});

test("rate: it hits that share of the requests, and a miss does not use up `times`", async () => {
  draws.push(0.9, 0.1, 0.1);
  expect((await post({ type: "status", status: 500, rate: 0.5, times: 1 })).status).toBe(200);
  expect((await post()).status).toBe(500);
  expect((await post()).status).toBe(200);
});

test("a fault is one vendor's own", async () => {
  await post({ type: "status", status: 500 });
  expect((await fetch(sandbox.vendors.zapier.url, { method: "POST", body: "{}" })).status).toBe(200);
});

test("reset forgets faults, records and settings", async () => {
  const { webhook, make } = sandbox.vendors;
  await post();
  webhook.setFault({ type: "garbage" });
  make.settings.queueFull = true;
  sandbox.reset();
  expect([webhook.received.length, webhook.records.size, webhook.fault, make.settings.queueFull]).toEqual([
    0,
    0,
    null,
    false,
  ]);
});

test("close cuts connections that hang", async () => {
  const hanging = post({ type: "hang", applied: false }).catch(() => "cut");
  await expect.poll(() => sandbox.vendors.webhook.received.length).toBe(1);
  await sandbox.close();
  expect(await hanging).toBe("cut");
  sandbox = await startSandbox();
});

test("a client that gives up half-way through its body leaves no trace and does no harm", async () => {
  const { port } = new URL(sandbox.url);
  const socket = connect(Number(port), "127.0.0.1");
  await new Promise<void>((written) => {
    socket.write("POST /webhook HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\nhalf", () => written());
  });
  const gone = new Promise((closed) => socket.once("close", closed));
  socket.resetAndDestroy();
  await gone;
  expect((await post()).status).toBe(200);
  expect(sandbox.vendors.webhook.received).toHaveLength(1);
});
