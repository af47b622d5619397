import { Button, Card, Group, Stack, Text, Title } from "@mantine/core";
import { useMay } from "../../api/session.ts";
import type { Consent, Lead } from "../../api/types.ts";
import { TimeAgo } from "../../components/time-ago.tsx";
import { OutsideLink, VisitorText } from "../../components/visitor-text.tsx";
import { leadWords } from "../../i18n/lead.ts";
import { useWords } from "../../i18n/words.ts";
import { ConsentBadge } from "./consent-badge.tsx";
import classes from "./lead.module.css";
import { useNoteConsent } from "./note-consent.tsx";

/** The whole history of consent with the wording shown, by purpose, and how to note what came another way. */
export function ConsentsCard({ lead }: { lead: Lead }) {
  const t = useWords(leadWords);
  const purposes = [...new Set([...lead.consents.map(({ purpose }) => purpose), ...purposesOfDeliveries(lead)])];
  return (
    <Card component="section" aria-labelledby="consents">
      <Title order={2} id="consents" mb="sm">
        {t("consents")}
      </Title>
      {lead.consents.length === 0 && (
        <Text c="dimmed" mb="sm">
          {t("noConsents")}
        </Text>
      )}
      <Stack gap="lg">
        {purposes.map((purpose) => (
          <PurposeOf key={purpose} lead={lead} purpose={purpose} />
        ))}
      </Stack>
    </Card>
  );
}

function PurposeOf({ lead, purpose }: { lead: Lead; purpose: string }) {
  const t = useWords(leadWords);
  const mayOperate = useMay("operate");
  const note = useNoteConsent(lead.lead_id);
  const events = lead.consents.filter((event) => event.purpose === purpose).toReversed();
  const granted = events[0]?.action === "granted" || events[0]?.action === "requested";
  return (
    <Stack gap="xs">
      <Group justify="space-between">
        <Title order={3} fz="md">
          {t("purpose", { purpose })}
        </Title>
        {mayOperate && (
          <Button size="compact-sm" variant="default" onClick={() => note(purpose, granted ? "withdrawn" : "granted")}>
            {granted ? t("withdraw") : t("grant")}
          </Button>
        )}
      </Group>
      {events.map((event) => (
        <Event key={`${event.at} ${event.action}`} event={event} />
      ))}
    </Stack>
  );
}

function Event({ event }: { event: Consent }) {
  const t = useWords(leadWords);
  const version = event.version === null ? null : t("version", { version: event.version });
  return (
    <div>
      <Group gap="xs" mb={4}>
        <ConsentBadge action={event.action} />
        <Text size="sm" c="dimmed">
          <TimeAgo at={event.at} /> {t("by", { source: t(`source-${event.source}`) })}
          {version && <bdi> · {version}</bdi>}
          {event.locale && ` · ${event.locale}`}
        </Text>
      </Group>
      <blockquote className={classes.wording}>
        {event.text === null ? <Text size="sm">{t("noWording")}</Text> : <VisitorText text={event.text} />}
      </blockquote>
      {event.page_url !== null && (
        <Text size="xs" c="dimmed" mt={4}>
          {t("onPage")} <OutsideLink href={event.page_url} />
        </Text>
      )}
      {event.recipients !== null && (
        <Text size="xs" c="dimmed" mt={4}>
          {t("recipients", { names: event.recipients.join(", ") })}
        </Text>
      )}
    </div>
  );
}

/** What some delivery waits for, though the form never asked. */
function purposesOfDeliveries({ deliveries }: Lead): string[] {
  return deliveries.filter(({ state }) => state === "withheld").map(({ purpose }) => purpose);
}
