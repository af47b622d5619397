import { expect, test } from "vitest";
import { checkClock, watchClock } from "../../src/cli/doctor/clock.ts";
import { createTogether } from "../../src/ledger/together.ts";
import { aMoment } from "../support/a-lead.ts";

const now = () => aMoment;

function aStore(clock: number) {
  const written: (string | null)[] = [];
  const together = createTogether("several", async (_, decide) => {
    const { note, answer } = decide(null, clock);
    written.push(note);
    return answer;
  });
  return { together, written };
}

test("a clock is compared with the Date of answers the destinations give anyway", async () => {
  const at = (ms: number) => new Response("", { headers: { date: new Date(aMoment + ms).toUTCString() } });
  const answers = [at(0), at(-500), new Response("")];
  const watch = watchClock(async () => answers.shift() ?? new Response(""), now);
  for (const _ of [1, 2, 3]) await watch.fetch("https://example.com/", undefined, () => {});
  expect(watch.behindMs).toHaveLength(2);
  expect(await checkClock(watch, null, now)).toMatchObject([{ what: "clock", result: "ok" }]);
});

test.each([
  [[90_000], "warning", "90 s behind"],
  [[-600_000, -600_000, 0], "problem", "10 min ahead"],
])("a clock that is off by %j is told with how to set it", async (behindMs, result, detail) => {
  const [found] = await checkClock({ behindMs }, null, now);
  expect(found).toMatchObject({
    result,
    detail: expect.stringContaining(detail),
    cure: expect.stringContaining("NTP"),
  });
});

test("one host whose clock is wrong does not make ours wrong", async () => {
  expect(await checkClock({ behindMs: [0, 3_600_000, 400] }, null, now)).toMatchObject([{ result: "ok" }]);
});

test("where several machines work on one database, its clock counts too, and nothing is written to ask it", async () => {
  const { together, written } = aStore(aMoment + 7_200_000);
  const [, found] = await checkClock({ behindMs: [0] }, together, now);
  expect(found).toMatchObject({
    what: "clock and database",
    result: "problem",
    detail: expect.stringContaining("120 min behind"),
  });
  expect(written).toEqual([null]);
});

test("without an answer nothing is claimed", async () => {
  expect(await checkClock({ behindMs: [] }, null, now)).toMatchObject([
    { result: "ok", detail: expect.stringContaining("could not be compared") },
  ]);
});
