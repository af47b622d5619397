import { expect, test } from "vitest";
import { deliveryIdOf, newLeadId } from "../../model/id.ts";
import { jobIdOf, priorityOf } from "./engine-jobs.ts";

const at = Date.UTC(2026, 10, 24);
const deliveryId = deliveryIdOf(newLeadId(at), "crm");

test("an attempt has one job id, and the next attempt another", () => {
  expect(jobIdOf({ deliveryId, n: 1 })).toBe(jobIdOf({ deliveryId, n: 1 }));
  expect(jobIdOf({ deliveryId, n: 2 })).not.toBe(jobIdOf({ deliveryId, n: 1 }));
});

test("a job id is a UUID of the version made for one's own derivations", () => {
  expect(jobIdOf({ deliveryId, n: 1 })).toMatch(
    /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
  );
});

test("new ones go before retries however long those are due, and of both the longest due first", () => {
  const inOrder = [
    priorityOf(0, at - 2_000),
    priorityOf(0, at),
    priorityOf(0, Date.UTC(2080, 0, 1)),
    priorityOf(1, 0),
    priorityOf(1, at - 86_400_000),
    priorityOf(1, at),
  ];
  expect(inOrder).toEqual(inOrder.toSorted((one, other) => other - one));
  expect(new Set(inOrder).size).toBe(inOrder.length);
});

test("a priority fits into 32 bits, whatever the clock said", () => {
  for (const dueAt of [-1e15, 0, at, Date.UTC(2100, 0, 1), 1e15]) {
    for (const retry of [0, 1] as const) {
      const priority = priorityOf(retry, dueAt);
      expect(priority).toBe(Math.min(2 ** 31 - 1, Math.max(-(2 ** 31), priority)));
    }
  }
});
