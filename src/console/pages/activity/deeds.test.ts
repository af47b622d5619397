import { expect, test } from "vitest";
import type { Act } from "../../api/types.ts";
import { deedsOf } from "./deeds.ts";

const uuid = (n: number): string => `019ab000-0000-7000-8000-00000000000${n}`;
const anAct = (some: Partial<Act>): Act => ({
  n: 1,
  at: "2026-11-24T09:00:00.000Z",
  actor: { type: "console", name: "Owner" },
  act: "replay",
  subject: `dlv_${uuid(1)}_webhook`,
  ...some,
});

test("deliveries sent again together are one deed with a count", () => {
  const deeds = deedsOf([anAct({ n: 9 }), anAct({ n: 8, subject: `dlv_${uuid(2)}_webhook` })]);
  expect(deeds).toMatchObject([{ n: 9, act: "replay", subject: "webhook", lead: null, count: 2 }]);
});

test("another destination, another person or another act is another deed", () => {
  const deeds = deedsOf([
    anAct({}),
    anAct({ subject: `dlv_${uuid(1)}_zapier` }),
    anAct({ actor: { type: "api", name: "nightly" }, subject: `dlv_${uuid(1)}_zapier` }),
    anAct({ act: "cancel: handled_by_hand", subject: `dlv_${uuid(1)}_zapier` }),
  ]);
  expect(deeds.map(({ count }) => count)).toEqual([1, 1, 1, 1]);
});

test("one delivery leads to its lead, also one with a tag", () => {
  expect(deedsOf([anAct({ subject: `dlv_${uuid(1)}_mail-team_withdrawn-1` })])).toMatchObject([
    { subject: "mail-team", lead: `lead_${uuid(1)}` },
  ]);
});

test("two sign-ins are two deeds", () => {
  const signIn = anAct({ act: "sign in", subject: "owner" });
  expect(deedsOf([signIn, signIn])).toHaveLength(2);
});

test("a person's id is shown to nobody", () => {
  expect(deedsOf([anAct({ act: "remove person", subject: `person_${uuid(1)}` })])).toMatchObject([{ subject: null }]);
});
