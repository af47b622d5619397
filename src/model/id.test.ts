import { expect, test } from "vitest";
import { deliveryEvents } from "./delivery.ts";
import { deliveryIdOf, eventIdOf, eventOfTag, followUpTag, isLeadId, newLeadId, parseDeliveryId } from "./id.ts";

test("lead ids sort in the order they were made, also within a millisecond and when the clock is set back", () => {
  const ids = [5, 5, 5, 3, 6, 6].map((ms) => newLeadId(1_800_000_000_000 + ms));
  expect([...ids].sort()).toEqual(ids);
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids.every(isLeadId)).toBe(true);
});

test("a delivery id tells lead and destination apart again", () => {
  const lead = newLeadId(1_800_000_000_000);
  expect(parseDeliveryId(deliveryIdOf(lead, "mail-team"))).toEqual({ leadId: lead, destination: "mail-team", tag: "" });
  const followUp = deliveryIdOf(lead, "mail-team", followUpTag("consent.withdrawn", 3));
  expect(parseDeliveryId(followUp)).toEqual({ leadId: lead, destination: "mail-team", tag: "withdrawn-3" });
  expect(eventIdOf(lead)).toBe(lead.replace("lead_", "evt_"));
});

test.each(["", "dlv_", "dlv_x_webhook", "lead_1", "dlv_0199-_a", "__proto__"])("%j is no delivery id", (text) => {
  expect(parseDeliveryId(text)).toBeNull();
});

test("a follow-up's tag says what it tells", () => {
  for (const event of deliveryEvents) {
    expect(eventOfTag(event === "lead.created" ? "" : followUpTag(event, 12))).toBe(event);
  }
});
