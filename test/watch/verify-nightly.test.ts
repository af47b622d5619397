import { expect, test } from "vitest";
import type { Verification } from "../../src/ledger/verifications.ts";
import { silentLog } from "../../src/model/log.ts";
import type { Completeness, VerifyRequest } from "../../src/watch/completeness.ts";
import { createNightly, nextAt } from "../../src/watch/completeness-nightly.ts";
import { anActor } from "../support/a-verified-ledger.ts";

const three = { hour: 3, minute: 0 };
const hourMs = 3_600_000;

/** A moment on this machine's clock. */
function local(text: string): number {
  return new Date(text).getTime();
}

test("the next night is today before the time, and tomorrow from it on", () => {
  expect(nextAt(three, local("2026-11-24T02:59:59"))).toBe(local("2026-11-24T03:00:00"));
  expect(nextAt(three, local("2026-11-24T03:00:00"))).toBe(local("2026-11-25T03:00:00"));
  expect(nextAt({ hour: 23, minute: 30 }, local("2026-12-31T23:45:00"))).toBe(local("2027-01-01T23:30:00"));
});

const nothing: Completeness = { whole: null, byDestination: [], underWay: null, missing: [] };

function nightly(known: Completeness) {
  const started: VerifyRequest[] = [];
  const { run } = createNightly({
    at: three,
    start: async (request) => {
      started.push(request);
      return {} as Verification;
    },
    latest: async () => known,
    now: () => 0,
    log: silentLog,
  });
  return { run, started };
}

test("the machine that is first does it, in its own name", async () => {
  const { run, started } = nightly(nothing);
  await run(local("2026-11-24T03:00:00"));
  expect(started).toEqual([{ actor: { type: "machine", name: "nightly verification" } }]);
});

test("the others see that it was done, or is under way, also when their clocks differ a little", async () => {
  const due = local("2026-11-24T03:00:00");
  const one = { startedAt: due - hourMs / 2, by: anActor } as Verification;
  for (const known of [
    { ...nothing, whole: one },
    { ...nothing, underWay: one },
  ]) {
    const { run, started } = nightly(known);
    await run(due);
    expect(started).toEqual([]);
  }
});

test("yesterday's is no reason to leave tonight's out", async () => {
  const due = local("2026-11-24T03:00:00");
  const { run, started } = nightly({
    ...nothing,
    whole: { startedAt: due - 24 * hourMs, by: anActor } as Verification,
  });
  await run(due);
  expect(started).toHaveLength(1);
});
