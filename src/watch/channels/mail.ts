import type { Channel, Mailer } from "./channel.ts";

/** Composes the weekly digest of a period. */
export type ComposeDigest = (period: { since: number; until: number }) => Promise<{
  subject: string;
  text: string;
  html: string;
}>;

export type MailChannelOptions = { now(): number; composeDigest: ComposeDigest };

/** Servers that look into a mail before they take it may be slow. */
const timeoutMs = 60_000;

/** Notices by mail, alerts and digests. What sends them is loaded with the first. */
export function mailChannel(load: () => Promise<Mailer>, { now, composeDigest }: MailChannelOptions): Channel {
  let loading: Promise<Mailer> | null = null;
  return {
    id: "mail",
    type: "mail",
    timeoutMs,
    async send({ id, type, period }, words, signal) {
      loading ??= load();
      const mailer = await loading;
      if (period === null) return mailer.send({ id, kind: "alert", words, type }, { signal, now });
      return mailer.send({ id, kind: "digest", content: await composeDigest(period) }, { signal, now });
    },
    close: async () => (await loading)?.close(),
  };
}
