import { expect, test } from "vitest";
import type { LeadId } from "../../src/model/id.ts";
import type { VerdictTally } from "../../src/model/verdict.ts";
import { arrived, buried, claimFrom, claimOne } from "../conformance/ledger/steps.ts";
import { aCrm, type TestCrm } from "../support/a-crm.ts";
import { aDelivery, aLead, aMoment, anEntry, aWithheldDelivery } from "../support/a-lead.ts";
import { anActor, aVerifiedLedger, crmDelivery, keep, later } from "../support/a-verified-ledger.ts";

const request = { actor: anActor };

/** Verdicts and how often, with their codes. */
function told({ counts: { tallies } }: { counts: { tallies: VerdictTally[] } }): Record<string, number> {
  return Object.fromEntries(
    tallies.map(({ verdict, code, count }) => [code === null ? verdict : `${verdict} ${code}`, count]),
  );
}

function deleteRecord(crm: TestCrm, lead: LeadId): void {
  const [ref] = [...crm.records].find(([, one]) => one === lead) ?? [];
  if (ref !== undefined) crm.records.delete(ref);
}

test("what is there is seen, what was deleted is missing, what was merged is seen under its new id", async () => {
  const crm = aCrm();
  const { ledger, completeness, deliver } = aVerifiedLedger(crm);
  const [gone, merged] = (await deliver(25)) as [LeadId, LeadId];
  deleteRecord(crm, gone);
  crm.merged.set("record-2", "record-3");
  const run = await completeness.verify(request);
  expect(told(run)).toEqual({ missing: 1, "seen under_another_id": 1, seen: 23 });
  expect(run).toMatchObject({ state: "complete", endedAt: later, counts: { leads: 25, accounted: 24 } });
  expect(await ledger.verifications.missing({ limit: 5 })).toMatchObject([{ leadId: gone, run: run.id }]);
  expect(merged).not.toBe(gone);
  expect(crm.asked).toEqual([10, 10, 5]);
});

test("every other state has its own verdict and reason, and nobody is asked about it", async () => {
  const crm = aCrm();
  const { ledger, completeness } = aVerifiedLedger(crm);
  await ledger.accept(anEntry());
  await ledger.settle(buried(await claimOne(ledger)));
  await keep(ledger, aWithheldDelivery());
  await ledger.accept(anEntry({ deliveries: [aDelivery({ destination: "gone-crm" })] }));
  const stopped = aLead();
  await keep(ledger, {}, stopped);
  const reason = { code: "cancelled_by_hand", message: "stopped by a person" };
  await ledger.cancel([crmDelivery(stopped.id)], { ...request, now: later, reason });
  const erased = aLead();
  await keep(ledger, {}, erased);
  await ledger.erase([erased.id], { ...request, now: later, tombstones: [], followUps: () => [] });
  await keep(ledger, {});
  const { counts } = await completeness.verify({ ...request, destination: "crm" });
  expect(told({ counts })).toEqual({
    "dead rejected": 1,
    "withheld no_consent": 1,
    never: 1,
    "cancelled cancelled_by_hand": 1,
    erased: 1,
    waiting: 1,
  });
  expect([counts.leads, counts.accounted]).toEqual([5, 4]);
  expect(crm.asked).toEqual([]);
});

test("a destination that cannot be asked is believed, and one nobody configures any more is told of too", async () => {
  const { ledger, completeness } = aVerifiedLedger(aCrm());
  await ledger.accept(anEntry({ deliveries: [aDelivery({ destination: "old-hook" })] }));
  const [claim] = await claimFrom(ledger, { destination: "old-hook" });
  if (claim) await ledger.settle(arrived(claim));
  const { counts } = await completeness.verify(request);
  expect(counts.tallies).toEqual([
    { destination: "crm", verdict: "never", code: null, count: 1 },
    { destination: "old-hook", verdict: "believed", code: null, count: 1 },
  ]);
  expect([counts.leads, counts.accounted]).toEqual([1, 1]);
});

test("a lead delivered moments ago is not judged yet", async () => {
  const crm = aCrm();
  const { completeness, deliver } = aVerifiedLedger(crm, { now: () => aMoment + 60_000 });
  await deliver(2);
  crm.records.clear();
  expect(told(await completeness.verify(request))).toEqual({ recent: 2 });
});

test("a vendor that is down makes leads unknown, never missing, and is not asked for ever", async () => {
  const crm = aCrm();
  const { ledger, completeness, deliver, waits } = aVerifiedLedger(crm);
  await deliver(60);
  crm.records.clear();
  crm.down = {};
  const run = await completeness.verify(request);
  expect(told(run)).toEqual({ "unknown server_error": 60 });
  expect([run.counts.leads, run.counts.accounted]).toEqual([60, 0]);
  expect(await ledger.verifications.missing({ limit: 1 })).toEqual([]);
  expect(crm.asked.length).toBe(12);
  expect(waits.slice(0, 3)).toEqual([1_000, 5_000, 20_000]);
});

test("a few leads in a row it says nothing of do not make it down", async () => {
  const crm = aCrm({ readBackSize: 1 });
  const { completeness, deliver } = aVerifiedLedger(crm);
  const leads = await deliver(6);
  for (const lead of leads.slice(0, 5)) crm.mute.add(lead);
  expect(told(await completeness.verify(request))).toEqual({ "unknown server_error": 5, seen: 1 });
});

test("it waits as long as it is told to, and asks again only for what is open", async () => {
  const crm = aCrm();
  const { completeness, deliver, waits } = aVerifiedLedger(crm);
  await deliver(10);
  crm.down = { waitMs: 30_000 };
  crm.onAsk = () => {
    if (crm.asked.length === 3) crm.down = null;
  };
  expect(told(await completeness.verify(request))).toEqual({ seen: 10 });
  expect(waits).toEqual([30_000, 30_000]);
});

test("a limit of the day is not waited for", async () => {
  const crm = aCrm({ readBackSize: 5 });
  const { completeness, deliver, waits } = aVerifiedLedger(crm);
  await deliver(10);
  crm.down = { waitMs: 20 * 3_600_000 };
  expect(told(await completeness.verify(request))).toEqual({ "unknown server_error": 10 });
  expect([crm.asked.length, waits]).toEqual([1, []]);
});

test("a destination whose code fails, or forgets a delivery, makes it unknown", async () => {
  const crm = aCrm();
  const { completeness, deliver } = aVerifiedLedger(crm);
  const [silent] = (await deliver(3)) as [LeadId];
  crm.mute.add(silent);
  expect(told(await completeness.verify(request))).toEqual({ "unknown server_error": 1, seen: 2 });
});

test("repair sends exactly what is missing again, counted and on record; what could not be told it leaves alone", async () => {
  const crm = aCrm();
  const { ledger, completeness, deliver, drain } = aVerifiedLedger(crm);
  const [one, two, silent] = (await deliver(20)) as [LeadId, LeadId, LeadId];
  for (const lead of [one, two, silent]) deleteRecord(crm, lead);
  crm.mute.add(silent);
  const { counts } = await completeness.verify({ ...request, repair: true });
  expect(counts).toMatchObject({ leads: 20, accounted: 17, repaired: 2 });
  const acts = (await ledger.acts({ limit: 10 })).map(({ act, subject }) => [act, subject]);
  expect(acts).toEqual([
    ["redeliver", crmDelivery(two)],
    ["redeliver", crmDelivery(one)],
    ["verify and repair", "all"],
  ]);
  await drain();
  crm.mute.clear();
  expect([crm.made, crm.records.size]).toEqual([22, 19]);
  const again = await completeness.verify(request);
  expect(told(again)).toEqual({ recent: 2, missing: 1, seen: 17 });
});

test("a record that turns up again is missing no more", async () => {
  const crm = aCrm();
  const { ledger, completeness, deliver } = aVerifiedLedger(crm);
  const [lead] = (await deliver(3)) as [LeadId];
  deleteRecord(crm, lead);
  await completeness.verify(request);
  expect((await completeness.latest()).missing).toEqual([{ destination: "crm", count: 1, since: later }]);
  crm.records.set("record-1", lead);
  await completeness.verify(request);
  expect(await ledger.verifications.missing({ limit: 1 })).toEqual([]);
});

test("a lead that was sent again while it was looked for is not missing", async () => {
  const crm = aCrm();
  const { ledger, completeness, deliver, drain } = aVerifiedLedger(crm);
  const [lead] = (await deliver(3)) as [LeadId];
  deleteRecord(crm, lead);
  await completeness.verify(request);
  crm.onAsk = async () => {
    crm.onAsk = () => {};
    await ledger.redeliver([crmDelivery(lead)], { ...request, now: later });
    await drain();
    crm.records.delete(`record-${crm.made}`);
  };
  expect(told(await completeness.verify(request))).toEqual({ seen: 2, recent: 1 });
});

test("one that was erased while it was looked for is told as erased", async () => {
  const crm = aCrm();
  const { ledger, completeness, deliver } = aVerifiedLedger(crm);
  const [lead] = (await deliver(1)) as [LeadId];
  crm.records.clear();
  crm.onAsk = async () => {
    await ledger.erase([lead], { ...request, now: later, tombstones: [], followUps: () => [] });
  };
  expect(told(await completeness.verify(request))).toEqual({ erased: 1 });
});

test("only leads of the time asked for are judged, and none that came after it began", async () => {
  const { completeness, deliver, ledger } = aVerifiedLedger(aCrm());
  await deliver(2, { receivedAt: aMoment - 86_400_000 });
  await deliver(3);
  await keep(ledger, {}, aLead({ receivedAt: later + 1 }));
  expect((await completeness.verify({ ...request, since: aMoment })).counts.leads).toBe(3);
  expect((await completeness.verify({ ...request, until: aMoment })).counts.leads).toBe(2);
  expect((await completeness.verify(request)).counts.leads).toBe(5);
});

test("an unknown destination is refused", async () => {
  const { completeness } = aVerifiedLedger(aCrm());
  await expect(completeness.verify({ ...request, destination: "nowhere" })).rejects.toThrow("no destination nowhere");
});

test("one runs at a time, across machines", async () => {
  const crm = aCrm();
  const { completeness, deliver, another } = aVerifiedLedger(crm);
  await deliver(1);
  const other = another();
  let refused: unknown;
  crm.onAsk = async () => {
    refused = await other.verify(request).catch((error) => error.code);
  };
  await completeness.verify(request);
  expect(refused).toBe("verify_under_way");
  await expect(other.verify(request)).resolves.toMatchObject({ state: "complete" });
});

test("broken off, it goes on where it was, also on another machine, and judges nothing twice", async () => {
  const crm = aCrm({ readBackSize: 500 });
  const { completeness, deliver, another, ledger } = aVerifiedLedger(crm);
  const leads = await deliver(1_000);
  leads.push(...(await deliver(900)));
  crm.records.clear();
  const stopping = new AbortController();
  crm.onAsk = () => {
    if (crm.asked.length === 3) stopping.abort(new Error("the machine ended"));
  };
  await expect(completeness.verify({ ...request, signal: stopping.signal })).rejects.toThrow("the machine ended");
  const { underWay } = await completeness.latest();
  expect(underWay?.counts).toMatchObject({ leads: 1_000, accounted: 0 });
  crm.asked.length = 0;
  const run = await another().verify(request);
  expect(run.id).toBe(underWay?.id);
  expect(run.counts).toMatchObject({ leads: 1_900, accounted: 0 });
  expect(told(run)).toEqual({ missing: 1_900 });
  expect(crm.asked).toEqual([500, 400]);
  expect((await ledger.verifications.latest(5)).length).toBe(1);
});

test("another question gives the one that broke off up", async () => {
  const crm = aCrm();
  const { completeness, deliver, ledger } = aVerifiedLedger(crm);
  await deliver(1);
  const stopping = new AbortController();
  crm.onAsk = () => stopping.abort(new Error("ended"));
  await completeness.verify({ ...request, signal: stopping.signal }).catch(() => {});
  crm.onAsk = () => {};
  await completeness.verify({ ...request, destination: "crm" });
  expect((await ledger.verifications.latest(5)).map(({ state }) => state).toSorted()).toEqual(["complete", "stopped"]);
});

test("stopping a gateway breaks off what it had begun, and waits for that", async () => {
  const crm = aCrm();
  const { completeness, deliver } = aVerifiedLedger(crm);
  await deliver(1);
  const asked = Promise.withResolvers<void>();
  crm.onAsk = () => asked.resolve();
  crm.down = { waitMs: 1 };
  const { id } = await completeness.start(request);
  await asked.promise;
  await completeness.stop();
  expect(completeness.current()).toBeNull();
  expect(id).toMatch(/^vrf_/);
});

test("the newest look at everything, and at each destination, is told", async () => {
  const { completeness, deliver } = aVerifiedLedger(aCrm());
  expect(await completeness.latest()).toEqual({ whole: null, byDestination: [], underWay: null, missing: [] });
  await deliver(2);
  const whole = await completeness.verify(request);
  await completeness.verify({ ...request, since: aMoment });
  expect(await completeness.latest()).toEqual({
    whole,
    byDestination: [{ destination: "crm", verification: whole }],
    underWay: null,
    missing: [],
  });
});
