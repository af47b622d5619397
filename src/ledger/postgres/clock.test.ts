import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { aLead, anEntry } from "../../../test/support/a-lead.ts";
import { aPostgres } from "../../../test/support/a-postgres.ts";
import type { Claim, Ledger, Settlement } from "../ledger.ts";
import { createClock } from "./clock.ts";
import { openPostgresLedger } from "./postgres-ledger.ts";

const hourMs = 3_600_000;

describe("the difference of two clocks", () => {
  let here: { wall: number; monotonic: number; there: number; asked: number; takesMs: number };
  beforeEach(() => {
    here = { wall: 1_000_000, monotonic: 0, there: 1_000_000, asked: 0, takesMs: 0 };
  });
  const aClock = () =>
    createClock({
      now: () => here.wall,
      monotonic: () => here.monotonic,
      ask: async () => {
        here.asked += 1;
        const { there } = here;
        pass(here.takesMs);
        return there;
      },
    });
  function pass(ms: number): void {
    here.wall += ms;
    here.monotonic += ms;
    here.there += ms;
  }

  test("is how far the database's is ahead", async () => {
    here.there += hourMs;
    expect(await aClock().ahead()).toBe(hourMs);
    here.there -= 2 * hourMs;
    expect(await aClock().ahead()).toBe(-hourMs);
  });

  test("is none when it is no more than a second, or no more than asking took", async () => {
    here.there += 900;
    expect(await aClock().ahead()).toBe(0);
    here.takesMs = 8_000;
    here.there += 2_000;
    expect(await aClock().ahead()).toBe(0);
  });

  test("is measured once a minute, and for all who ask meanwhile", async () => {
    const clock = aClock();
    await Promise.all([clock.ahead(), clock.ahead()]);
    pass(59_000);
    await clock.ahead();
    expect(here.asked).toBe(1);
    pass(2_000);
    await clock.ahead();
    expect(here.asked).toBe(2);
  });

  test("is measured anew as soon as this machine's clock was set", async () => {
    const clock = aClock();
    expect(await clock.ahead()).toBe(0);
    here.wall -= hourMs;
    expect(await clock.ahead()).toBe(hourMs);
  });

  test("is measured anew after a sleep in which time that only goes forward stood still", async () => {
    const clock = aClock();
    await clock.ahead();
    here.wall += hourMs;
    here.there += hourMs;
    expect(await clock.ahead()).toBe(0);
    expect(here.asked).toBe(2);
  });
});

describe("machines with clocks an hour apart", () => {
  const reason = { code: "interrupted", message: "the attempt was interrupted" };
  const nobodyIsDead = () => false;
  const right = () => Date.now();
  const ahead = () => Date.now() + hourMs;
  const behind = () => Date.now() - hourMs;

  async function machines(...clocks: (() => number)[]): Promise<Machine[]> {
    const place = await aPostgres();
    const ledgers = await Promise.all(clocks.map((now) => openPostgresLedger({ ...place, now })));
    onTestFinished(async () => void (await Promise.all(ledgers.map((ledger) => ledger.close()))));
    return ledgers.map((ledger, i) => machineOn(ledger, clocks[i] ?? right));
  }

  test.each([
    ["ahead", ahead],
    ["behind", behind],
  ])("one %s takes no live lease of another's, nor loses its own to it", async (_, skewed) => {
    const [one, other] = (await machines(right, skewed)) as [Machine, Machine];
    await one.accept();
    await one.claim({ forMs: 30_000 });
    expect(await other.recover()).toBe(0);
    await other.accept();
    await other.claim({ forMs: 30_000 });
    expect(await one.recover()).toBe(0);
  });

  test("one behind recovers what another has left, once the lease is over", async () => {
    const [one, other] = (await machines(right, behind)) as [Machine, Machine];
    await one.accept();
    await one.claim({ forMs: -1 });
    expect(await other.recover()).toBe(1);
  });

  test("what one ahead has kept, put off or replayed goes out from another when it is due, and not an hour later", async () => {
    const [one, other] = (await machines(right, ahead)) as [Machine, Machine];
    await other.accept();
    const [claim] = (await one.claim()) as [Claim];
    expect(await one.ledger.settle(putOff(claim, right() + 60_000))).toBe(true);
    await other.ledger.replay({ ids: [claim.delivery.id] }, { now: ahead(), actor: { type: "command", name: "x" } });
    const [again] = (await one.claim()) as [Claim];
    await one.ledger.settle(putOff(again, right() - 1));
    const [third] = (await other.claim()) as [Claim];
    await other.ledger.settle(putOff(third, ahead() - 1));
    expect(await one.claim()).toHaveLength(1);
  });

  test("one ahead does not send what is due in half an hour, and is told its time by its own clock", async () => {
    const [one, other] = (await machines(right, ahead)) as [Machine, Machine];
    await one.accept();
    const [claim] = (await one.claim()) as [Claim];
    await one.ledger.settle(putOff(claim, right() + hourMs / 2));
    expect(await other.claim()).toEqual([]);
    const due = Number(await other.ledger.nextDue("crm"));
    expect(Math.abs(due - (ahead() + hourMs / 2))).toBeLessThan(60_000);
  });

  type Machine = ReturnType<typeof machineOn>;
  function machineOn(ledger: Ledger, now: () => number) {
    return {
      ledger,
      accept: () => ledger.accept(anEntry({ lead: aLead({ receivedAt: now() }) })),
      claim: ({ forMs = 30_000 } = {}) =>
        ledger.claim({
          destination: "crm",
          limit: 10,
          now: now(),
          leaseUntil: now() + forMs,
          worker: "w",
          gate: () => ({ type: "open", basis: "consent" }),
        }),
      recover: () =>
        ledger.recover({
          now: now(),
          isDead: nobodyIsDead,
          settle: ({ tries }) => ({
            outcome: { type: "uncertain", reason },
            next: { state: "pending", dueAt: now(), tries: tries + 1, uncertain: true, reason },
          }),
        }),
    };
  }

  function putOff({ delivery }: Claim, dueAt: number): Settlement {
    return {
      deliveryId: delivery.id,
      n: delivery.attempts,
      durationMs: 1,
      outcome: { type: "retry", reason },
      next: { state: "pending", dueAt, tries: 1, uncertain: false, reason },
    };
  }
});
