import type { Options } from "./config/config.ts";
import type { GuardedFetch } from "./delivery/guarded-fetch.ts";
import { settle } from "./delivery/settle.ts";
import type { Ledger } from "./ledger/ledger.ts";
import type { Log } from "./model/log.ts";
import { type AlertDesk, createAlertDesk } from "./watch/alert-desk.ts";
import type { Channel, Post } from "./watch/channels/channel.ts";
import { type ComposeDigest, mailChannel } from "./watch/channels/mail.ts";
import { webhookChannel } from "./watch/channels/webhook.ts";
import type { LaneStatus } from "./watch/observe.ts";
import { createSilentForms } from "./watch/silent-forms.ts";
import { createWatch, type Watch } from "./watch/watch.ts";

type WatchParts = { ledger: Ledger; lanes(): readonly LaneStatus[]; fetch: GuardedFetch; now(): number; log: Log };

/** The watch of a gateway, wired: what it looks at, and the ways it tells people. */
export function openWatch(options: Options, parts: WatchParts): Watch {
  const { digest, thresholds, overAfterMs, everyMs, silence } = options.alerts;
  const { ledger, lanes, now, log } = parts;
  const surroundings = surroundingsOf(options);
  const isConfigured = (form: string) => options.forms?.has(form) ?? true;
  return createWatch({
    ledger,
    lanes,
    now,
    log,
    settle,
    random: Math.random,
    channels: openChannels(options, parts),
    destinations: options.destinations.map(({ id }) => id),
    dataFolder: options.databaseUrl === null ? options.dataFolder : null,
    silent: silence ? createSilentForms({ ledger, zone: surroundings.zone, isConfigured }) : async () => [],
    missing: () => ledger.verifications.missingCounts(),
    surroundings,
    digest,
    thresholds,
    overAfterMs,
    everyMs,
  });
}

/** The alerts of a ledger in words, on their own: for commands and the console. */
export function openAlerts(options: Options, ledger: Ledger): AlertDesk {
  return createAlertDesk(ledger, { ...surroundingsOf(options), now: Date.now });
}

/** What alerts are told with. */
function surroundingsOf({ destinations, publicUrl }: Options) {
  const labels = new Map(destinations.map(({ id, label }) => [id, label]));
  return {
    zone: () => Intl.DateTimeFormat().resolvedOptions().timeZone,
    consoleUrl: publicUrl === null ? null : `${publicUrl.replace(/\/+$/, "")}/console`,
    labelOf: (id: string) => labels.get(id) ?? `“${id}”`,
  };
}

/** The ways alerts go to people, over the network and mail that leads go by. Their code is loaded with the first notice. */
function openChannels(options: Options, { ledger, fetch, now }: WatchParts): Channel[] {
  const { mail, webhooks } = options.alerts;
  const post: Post = async (request, signal) => {
    const { postNotice } = await import("./destinations/shared/post-notice.ts");
    return postNotice(request, { fetch: (url, init) => fetch(url, init, () => {}), signal, now });
  };
  const hooks = webhooks.map((hook, index) =>
    webhookChannel(index === 0 ? "webhook" : `webhook-${index + 1}`, hook, post),
  );
  if (mail === null) return hooks;
  const loadMailer = async () => (await import("./destinations/mail/notice-mail.ts")).createNoticeMailer(mail);
  return [mailChannel(loadMailer, { now, composeDigest: composeDigest(options, ledger) }), ...hooks];
}

function composeDigest(options: Options, ledger: Ledger): ComposeDigest {
  const { zone, consoleUrl } = surroundingsOf(options);
  return async (period) => {
    const { gatherDigest } = await import("./watch/digest/gather-digest.ts");
    const { composeDigest } = await import("./watch/digest/compose-digest.ts");
    const { destinations } = options;
    const figures = await gatherDigest(ledger, { ...period, destinations });
    return composeDigest(figures, { timeZone: zone(), consoleUrl });
  };
}
