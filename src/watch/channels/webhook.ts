import type { Notice } from "../../model/alert.ts";
import type { Json } from "../../model/json.ts";
import type { Outcome } from "../../model/outcome.ts";
import type { NoticeWords } from "../notice-words.ts";
import type { Channel, Post } from "./channel.ts";

/** How the body of a webhook is shaped: as a chat program wants it, or as plain JSON for programs of one's own. */
export type WebhookShape = "slack" | "teams" | "discord" | "json";

const timeoutMs = 10_000;

/** Notices by webhook. */
export function webhookChannel(
  id: string,
  { url, shape, secrets }: { url: string; shape: WebhookShape; secrets: readonly string[] },
  post: Post,
): Channel {
  return {
    id,
    type: "webhook",
    timeoutMs,
    async send(notice, words, signal) {
      const body = JSON.stringify(bodyOf(shape, notice, words));
      return aboutTheHook(await post({ url, id: notice.id, body, secrets: shape === "json" ? secrets : [] }, signal));
    },
  };
}

/** What it sends is always the same sort of thing: a hook that refuses it by these is gone or was never one. */
const hookGone = new Set([401, 403, 404, 405]);

function aboutTheHook(outcome: Outcome): Outcome {
  const isGone = outcome.type === "rejected" && hookGone.has(outcome.reason.status ?? 0);
  return isGone ? { ...outcome, type: "blocked" } : outcome;
}

/** The body in the shape a receiver wants. Pure. */
export function bodyOf(shape: WebhookShape, notice: Notice, words: NoticeWords): Json {
  switch (shape) {
    case "slack":
      return slack(words);
    case "teams":
      return teams(words);
    case "discord":
      return discord(notice, words);
    case "json":
      return json(notice, words);
  }
}

type Section = NoticeWords["sections"][number];

/** Everything but the link. */
function linesOf({ what, since, leads, cure }: Section): string[] {
  return [what, `${since}.${leads === null ? "" : ` ${leads}`}`, ...(cure === null ? [] : [`What to do: ${cure}`])];
}

/**
 * Block Kit: a header holds 150 characters, a section 3000, a message 50 blocks; &, < and > stand for markup. As
 * https://docs.rs/crate/slack-messaging/latest checks it for https://docs.slack.dev/reference/block-kit/blocks (read 2026-11).
 */
function slack({ subject, sections, footer }: NoticeWords): Json {
  const escaped = (text: string) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
  const section = (text: string) => ({ type: "section", text: { type: "mrkdwn", text: shortened(text, 3_000) } });
  return {
    text: escaped(subject),
    blocks: [
      { type: "header", text: { type: "plain_text", text: shortened(subject, 150) } },
      ...sections.slice(0, mostSections).map((one) => {
        const link = one.link === null ? [] : [`<${one.link}|Open in the console>`];
        return section([...linesOf(one).map(escaped), ...link].join("\n"));
      }),
      { type: "context", elements: [{ type: "mrkdwn", text: escaped(moreThan(sections, footer)) }] },
    ],
  };
}

/**
 * An Adaptive Card in a message, which both incoming webhooks and Workflows take; not tried against the real one. See
 * https://learn.microsoft.com/en-us/microsoftteams/platform/webhooks-and-connectors/how-to/add-incoming-webhook (read 2026-11).
 */
function teams({ subject, sections, footer }: NoticeWords): Json {
  const text = (value: string, more: Record<string, Json> = {}) => ({
    type: "TextBlock",
    text: shortened(value, 3_000),
    wrap: true,
    ...more,
  });
  const links = sections.flatMap(({ link }) => link ?? []);
  return {
    type: "message",
    attachments: [
      {
        contentType: "application/vnd.microsoft.card.adaptive",
        contentUrl: null,
        content: {
          $schema: "http://adaptivecards.io/schemas/adaptive-card.json",
          type: "AdaptiveCard",
          version: "1.4",
          body: [
            text(subject, { weight: "Bolder", size: "Medium" }),
            ...sections.slice(0, mostSections).map((one) => text(linesOf(one).join("\n\n"))),
            text(moreThan(sections, footer), { isSubtle: true }),
          ],
          actions: links.slice(0, 1).map((url) => ({ type: "Action.OpenUrl", title: "Open in the console", url })),
        },
      },
    ],
  };
}

/** Red, amber, green. */
const colours = { problem: 0xc92a2a, warning: 0xe67700, over: 0x2b8a3e };

/**
 * An embed: title 256 characters, description 4096, 6000 in all, as
 * https://sapphirejs.dev/docs/Documentation/api-utilities/@sapphire/discord-utilities/variables/EmbedLimits has them (read 2026-11).
 * Nobody is pinged by a text that looks like a mention.
 */
function discord({ type, alerts }: Notice, { subject, sections, footer }: NoticeWords): Json {
  const severity = alerts.some((one) => one.severity === "problem") ? "problem" : "warning";
  const link = sections.find((one) => one.link !== null)?.link;
  const description = sections.slice(0, mostSections).map((one) => linesOf(one).join("\n"));
  return {
    embeds: [
      {
        title: shortened(subject, 256),
        description: shortened(description.join("\n\n"), 4_096),
        color: colours[type === "over" ? "over" : severity],
        footer: { text: moreThan(sections, footer) },
        ...(link ? { url: link } : {}),
      },
    ],
    allowed_mentions: { parse: [] },
  };
}

/** For programs: everything an alert has, and the same words. */
function json({ id, type, at, alerts }: Notice, { subject, sections }: NoticeWords): Json {
  return {
    id,
    type: `alert.${type}`,
    at: new Date(at).toISOString(),
    subject,
    alerts: alerts.map((alert, index) => {
      const words = sections[index];
      return {
        id: alert.id,
        kind: alert.kind,
        subject: alert.subject,
        severity: alert.severity,
        state: alert.state,
        since: new Date(alert.since).toISOString(),
        over_at: alert.overAt === null ? null : new Date(alert.overAt).toISOString(),
        leads: alert.figures.leads,
        reason: alert.reason && { code: alert.reason.code, message: alert.reason.message },
        what: words?.what ?? "",
        cure: words?.cure ?? null,
        link: words?.link ?? null,
      };
    }),
  };
}

/** Chat programs refuse messages that are too long as a whole. */
const mostSections = 10;

function moreThan(sections: readonly Section[], footer: string): string {
  const more = sections.length - mostSections;
  return more > 0 ? `${more} more in the console. ${footer}` : footer;
}

function shortened(text: string, longest: number): string {
  const characters = [...text];
  return characters.length > longest ? `${characters.slice(0, longest - 1).join("")}…` : text;
}
