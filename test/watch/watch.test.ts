import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { settle } from "../../src/delivery/settle.ts";
import type { Ledger } from "../../src/ledger/ledger.ts";
import { openPostgresLedger } from "../../src/ledger/postgres/postgres-ledger.ts";
import { openSqliteLedger } from "../../src/ledger/sqlite/sqlite-ledger.ts";
import type { Notice } from "../../src/model/alert.ts";
import { silentLog } from "../../src/model/log.ts";
import type { Outcome } from "../../src/model/outcome.ts";
import { createAlertDesk } from "../../src/watch/alert-desk.ts";
import { createWatch, type Watch, type WatchOptions } from "../../src/watch/watch.ts";
import { aDelivery, aLead, anEntry } from "../support/a-lead.ts";
import { aPostgres } from "../support/a-postgres.ts";
import { until } from "../support/until.ts";

const surroundings = { zone: () => "UTC", consoleUrl: null, labelOf: (id: string) => id };
const reason = { code: "unauthorized", message: "answered 401" };

async function aLedger(): Promise<Ledger> {
  const folder = mkdtempSync(join(tmpdir(), "leadkeep-"));
  const ledger = await openSqliteLedger({ path: join(folder, "ledger.db") });
  onTestFinished(async () => {
    await ledger.close();
    rmSync(folder, { recursive: true, force: true });
  });
  return ledger;
}

/** A channel that keeps what it was given; `answer` is what comes of it. */
function aChannel(id = "webhook", type: "mail" | "webhook" = "webhook") {
  const sent: Notice[] = [];
  const settings: { answer: Outcome | "hang" } = { answer: { type: "delivered" } };
  async function send(notice: Notice, _words: unknown, signal: AbortSignal): Promise<Outcome> {
    sent.push(notice);
    if (settings.answer !== "hang") return settings.answer;
    return new Promise((_, reject) => signal.addEventListener("abort", () => reject(new Error("aborted"))));
  }
  return { id, type, timeoutMs: 1_000, send, sent, settings };
}

function aWatch(ledger: Ledger, options: Partial<WatchOptions> = {}): Watch {
  const watch = createWatch({
    ledger,
    lanes: () => [{ id: "crm", open: false, failures: 0 }],
    destinations: ["crm"],
    dataFolder: null,
    silent: async () => [],
    missing: async () => [],
    thresholds: { waitingMs: 900_000, downMs: 1, failures: 10, quarantine: 50, diskFree: null },
    overAfterMs: 50,
    everyMs: 50,
    digest: null,
    channels: [],
    settle,
    surroundings,
    now: Date.now,
    random: () => 0,
    log: silentLog,
    ...options,
  });
  onTestFinished(() => watch.stop());
  return watch;
}

function block(ledger: Ledger): Promise<void> {
  return ledger.pause({ destination: "crm", since: Date.now(), by: "machine", reason });
}

/** Some more looks. */
function aWhile(ms = 400): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

test("of several machines one watches, and people are told once", async () => {
  const ledger = await aLedger();
  const channel = aChannel();
  const watches = [1, 2, 3].map(() => aWatch(ledger, { channels: [channel] }));
  for (const watch of watches) watch.start();
  await block(ledger);
  await until(() => channel.sent.length > 0);
  await aWhile();
  expect(channel.sent.map(({ type }) => type)).toEqual(["opened"]);
});

test("of several machines on one Postgres one watches, and people are told once", async () => {
  const { url, schema } = await aPostgres();
  const channel = aChannel();
  const ledgers = await Promise.all([1, 2].map(() => openPostgresLedger({ url, schema })));
  onTestFinished(async () => {
    for (const ledger of ledgers) await ledger.close();
  });
  const watches = ledgers.map((ledger) => aWatch(ledger, { channels: [channel] }));
  for (const watch of watches) watch.start();
  for (const ledger of ledgers.slice(1)) await block(ledger);
  await until(() => channel.sent.length > 0);
  await aWhile();
  expect(channel.sent.map(({ type }) => type)).toEqual(["opened"]);
  for (const watch of watches) await watch.stop();
});

test("when the machine that watches stops, another goes on where it was", async () => {
  const ledger = await aLedger();
  const [first, second] = [aChannel(), aChannel()];
  const one = aWatch(ledger, { channels: [first] });
  one.start();
  await block(ledger);
  await until(() => first.sent.length > 0);
  await one.stop();
  aWatch(ledger, { channels: [second] }).start();
  await ledger.resume("crm", { now: Date.now(), actor: { type: "command", name: "test" } });
  await until(() => second.sent.length > 0);
  expect([first.sent.map(({ type }) => type), second.sent.map(({ type }) => type)]).toEqual([["opened"], ["over"]]);
});

test("a channel that hangs keeps no other one waiting", async () => {
  const ledger = await aLedger();
  const [slow, quick] = [aChannel("mail", "mail"), aChannel()];
  slow.settings.answer = "hang";
  aWatch(ledger, { channels: [slow, quick] }).start();
  await block(ledger);
  await until(() => quick.sent.length > 0);
  await ledger.resume("crm", { now: Date.now(), actor: { type: "command", name: "test" } });
  await until(() => quick.sent.some(({ type }) => type === "over"));
});

test("a notice in whose middle the gateway stopped is sent by the next one, under the same id", async () => {
  const ledger = await aLedger();
  const [hanging, working] = [aChannel(), aChannel()];
  hanging.settings.answer = "hang";
  const one = aWatch(ledger, { channels: [hanging] });
  one.start();
  await block(ledger);
  await until(() => hanging.sent.length > 0);
  await one.stop();
  aWatch(ledger, { channels: [working] }).start();
  await until(() => working.sent.length > 0);
  expect(working.sent[0]?.id).toBe(hanging.sent[0]?.id);
});

test("a process that only takes leads tells when nobody delivers them", async () => {
  const ledger = await aLedger();
  const channel = aChannel();
  const hourAgo = Date.now() - 3_600_000;
  await ledger.accept(anEntry({ lead: aLead({ receivedAt: hourAgo }), deliveries: [aDelivery()] }));
  aWatch(ledger, { channels: [channel] }).visited();
  await until(() => channel.sent.length > 0);
  await aWhile();
  expect(channel.sent.flatMap(({ alerts }) => alerts.map(({ kind }) => kind))).toEqual(["worker_gone"]);
});

test("a process that only takes leads leaves the watch to one that delivers", async () => {
  const ledger = await aLedger();
  const [visitor, worker] = [aChannel(), aChannel()];
  aWatch(ledger, { channels: [worker] }).start();
  await until(() => ledger.together.change("heartbeat", "worker", (note) => ({ answer: note !== null })));
  aWatch(ledger, { channels: [visitor] }).visited();
  await block(ledger);
  await until(() => worker.sent.length > 0);
  expect(visitor.sent).toEqual([]);
});

test("after a drain it has looked, and people were told before the host goes to sleep", async () => {
  const ledger = await aLedger();
  const channel = aChannel();
  const watch = aWatch(ledger, { channels: [channel], everyMs: 60_000 });
  await block(ledger);
  await watch.drained();
  expect(channel.sent.map(({ type }) => type)).toEqual(["opened"]);
});

test("the digest goes by mail only, once", async () => {
  const ledger = await aLedger();
  const [mail, hook] = [aChannel("mail", "mail"), aChannel()];
  const weekAgo = Date.now() - 7 * 86_400_000;
  const justNow = new Date(Date.now() - 60_000);
  const digest = { weekday: justNow.getDay(), minutes: justNow.getHours() * 60 + justNow.getMinutes() };
  await ledger.together.change("alerts", "gateway", () => ({
    note: {
      serial: 0,
      brewing: [],
      open: [],
      over: [],
      notices: [],
      failing: [],
      digestAt: weekAgo,
      usualQuarantine: null,
    },
    answer: undefined,
  }));
  aWatch(ledger, { channels: [mail, hook], digest }).start();
  await until(() => mail.sent.length > 0);
  await aWhile();
  expect([mail.sent.map(({ type }) => type), hook.sent]).toEqual([["digest"], []]);
});

test("what was acknowledged says by whom", async () => {
  const ledger = await aLedger();
  aWatch(ledger).start();
  await block(ledger);
  const desk = createAlertDesk(ledger, { ...surroundings, now: Date.now });
  const alert = await until(async () => (await desk.list()).open[0]);
  expect((await desk.acknowledge(alert.id, "Grace"))?.acknowledged?.by).toBe("Grace");
  await aWhile(150);
  expect((await desk.list()).open[0]?.acknowledged?.by).toBe("Grace");
  expect(await desk.acknowledge("another", "Grace")).toBeNull();
});
