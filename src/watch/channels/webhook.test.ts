import { expect, test } from "vitest";
import type { Alert, Notice } from "../../model/alert.ts";
import type { Outcome } from "../../model/outcome.ts";
import { noticeWords } from "../notice-words.ts";
import { bodyOf, type WebhookShape, webhookChannel } from "./webhook.ts";

const at = Date.UTC(2026, 10, 24, 2, 10);

function anAlert(n = 1): Alert {
  return {
    id: `destination_blocked-crm-${n}`,
    key: `destination_blocked-crm-${n}`,
    kind: "destination_blocked",
    subject: { type: "destination", id: "crm" },
    severity: "problem",
    since: at,
    worsenedAt: at,
    state: "open",
    overAt: null,
    reason: { code: "unauthorized", message: "answered 401 <!channel> & @everyone" },
    figures: { leads: 38 },
    acknowledged: null,
  };
}

function aNotice(alerts = [anAlert()]): Notice {
  return { id: "notice_1_1", type: "opened", at, alerts, period: null, sendings: [] };
}

function said(shape: WebhookShape, notice = aNotice()) {
  const surroundings = {
    now: at + 60_000,
    zone: () => "UTC",
    consoleUrl: "https://leads.example.com/console",
    labelOf: () => "CRM",
  };
  return bodyOf(shape, notice, noticeWords(notice, surroundings));
}

test.each(["slack", "teams", "discord", "json"] as const)(
  "%s is told what, since when, how many, what to do, and where",
  (shape) => {
    const text = JSON.stringify(said(shape));
    for (const part of [
      "CRM is paused",
      "Its credentials are not accepted",
      "https://leads.example.com/console/destinations/crm",
    ]) {
      expect(text).toContain(part);
    }
    expect(text).toMatch(shape === "json" ? /"leads":38/ : /38 leads wait/);
    expect(text).toMatch(shape === "json" ? /2026-11-24T02:10:00/ : /24 Nov/);
  },
);

test("Slack takes nothing in it for markup or a mention", () => {
  const text = JSON.stringify(said("slack"));
  expect(text).toContain("&lt;!channel&gt; &amp; @everyone");
});

test("Discord pings nobody", () => {
  expect(said("discord")).toMatchObject({ allowed_mentions: { parse: [] } });
});

test.each(["slack", "teams", "discord"] as const)("%s gets no more than it takes, however much is wrong", (shape) => {
  const many = aNotice(Array.from({ length: 100 }, (_, n) => anAlert(n)));
  expect(JSON.stringify(said(shape, many)).length).toBeLessThan(20_000);
  expect(JSON.stringify(said(shape, many))).toContain("90 more in the console");
});

test.each<[number, Outcome["type"]]>([
  [404, "blocked"],
  [403, "blocked"],
  [400, "rejected"],
])("a hook that answers %i is %s: its address is gone, or the body was not liked", async (status, type) => {
  const post = async (): Promise<Outcome> => ({ type: "rejected", reason: { code: "rejected", message: "…", status } });
  const channel = webhookChannel("webhook", { url: "https://example.com/", shape: "slack", secrets: [] }, post);
  const words = noticeWords(aNotice(), { now: at, zone: () => "UTC", consoleUrl: null, labelOf: (id) => id });
  expect((await channel.send(aNotice(), words, AbortSignal.timeout(1_000))).type).toBe(type);
});
