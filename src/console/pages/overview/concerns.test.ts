import { expect, test } from "vitest";
import type { Alert, Trouble } from "../../api/types.ts";
import { concernsOf } from "./concerns.ts";

const aTrouble = (some: Partial<Trouble> = {}): Trouble => ({
  id: "paused:hubspot",
  severity: "problem",
  code: "paused",
  destination: "hubspot",
  what: "HubSpot is paused.",
  since: null,
  leads: 0,
  cure: "",
  action: null,
  ...some,
});
const anAlert = (kind: Alert["kind"], severity: Alert["severity"] = "problem"): Alert => ({
  id: kind,
  kind,
  subject: { type: "destination", id: "hubspot" },
  severity,
  state: "open",
  since: "2026-11-24T02:10:00.000Z",
  worsened_at: "2026-11-24T02:10:00.000Z",
  over_at: null,
  leads: 1,
  reason: null,
  what: "",
  about_leads: null,
  cure: null,
  href: "/",
  acknowledged: null,
});
const ids = (...given: Parameters<typeof concernsOf>): string[] =>
  concernsOf(...given).map((told) => (told.type === "trouble" ? told.trouble.id : told.alert.id));

test("what a trouble tells is not told again by its alert", () => {
  expect(ids([aTrouble()], [anAlert("destination_blocked"), anAlert("leads_missing")])).toEqual([
    "paused:hubspot",
    "leads_missing",
  ]);
});

test("an alert that outlives what it was about is not told", () => {
  expect(ids([], [anAlert("destination_blocked"), anAlert("dead_letters")])).toEqual([]);
});

test("what a person has to pass on by hand is told, since no trouble counts it", () => {
  const byHand = { ...anAlert("dead_letters"), reason: { code: "by_hand", message: "delete it there" } };
  expect(ids([], [byHand])).toEqual(["dead_letters"]);
});

test("problems stand before warnings, whoever tells them", () => {
  expect(ids([aTrouble({ severity: "warning" })], [anAlert("form_silent", "warning"), anAlert("disk_low")])).toEqual([
    "disk_low",
    "paused:hubspot",
    "form_silent",
  ]);
});
