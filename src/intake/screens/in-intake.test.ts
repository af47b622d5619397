import { createHmac } from "node:crypto";
import { expect, test } from "vitest";
import { anIntake } from "../../../test/support/intake.ts";
import { LedgerUnavailable } from "../../model/errors.ts";
import { createScreens } from "./screens.ts";

const screens = () =>
  createScreens({
    secrets: ["a secret of the tests"],
    trustsProxy: false,
    hash: (text) => createHmac("sha256", "key").update(text).digest("hex"),
    now: () => 1_700_000_000_000,
    nonce: () => "0123456789abcdef",
    draw: () => 0,
  });
const spam = { email: "ada@example.com", message: "Buy cheap viagra, no prescription: https://example.com/rx" };

test("suspected spam is kept, withheld from every destination, and answered like any other", async () => {
  const intake = anIntake({}, { screens: screens() });
  const [good, bad] = [await intake.post({ body: { email: "kay@example.com" } }), await intake.post({ body: spam })];
  expect([bad.status, Object.keys(bad.headers)]).toEqual([good.status, Object.keys(good.headers)]);
  expect(intake.entries.map(({ lead }) => lead.state)).toEqual(["active", "quarantined"]);
  expect(intake.entries[1]?.deliveries).toMatchObject([
    { state: "withheld", reason: { code: "quarantined" } },
    { state: "withheld", reason: { code: "quarantined" } },
  ]);
});

test("a screen that throws costs no lead", async () => {
  const broken = { ...screens(), screen: () => JSON.parse("nonsense") };
  const intake = anIntake({}, { screens: broken });
  expect((await intake.post({ body: spam })).status).toBe(202);
  expect(intake.entries).toMatchObject([{ lead: { state: "active" } }]);
});

test("a lead that could not be kept counts for nothing, and may be sent again with the same stamp", async () => {
  const ours = screens();
  const _stamp = ours.stamps.give("contact");
  const body = { email: "ada@example.com", _stamp };
  const away = { accept: () => Promise.reject(new LedgerUnavailable("the ledger is away")) };
  expect((await anIntake({}, { screens: ours, ledger: away }).post({ body })).status).toBe(503);
  const lead = await anIntake({}, { screens: ours }).lead({ body });
  expect(lead.screening?.reasons.map(({ code }) => code)).not.toContain("stamp_repeated");
});
