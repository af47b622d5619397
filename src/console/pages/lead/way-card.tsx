import { Card, Text, Timeline, Title } from "@mantine/core";
import { IconInbox } from "@tabler/icons-react";
import type { Lead } from "../../api/types.ts";
import { TimeAgo } from "../../components/time-ago.tsx";
import { useDestinationName } from "../../components/use-destination-name.ts";
import { leadWords } from "../../i18n/lead.ts";
import { useWords } from "../../i18n/words.ts";
import { DeliveryStep } from "./delivery-step.tsx";

/** The lead's way: received, then for each destination every attempt up to where it stands now. */
export function WayCard({ lead }: { lead: Lead }) {
  const t = useWords(leadWords);
  const nameOf = useDestinationName();
  return (
    <Card component="section" aria-labelledby="way">
      <Title order={2} id="way" mb="md">
        {t("way")}
      </Title>
      <Timeline bulletSize={28} lineWidth={2} active={lead.deliveries.length} color="gray">
        <Timeline.Item bullet={<IconInbox size={16} aria-hidden />} title={t("receivedStep")}>
          <Text size="sm" c="dimmed">
            <TimeAgo at={lead.submitted_at} />. {t("receivedHint")}
          </Text>
          {lead.deliveries.length === 0 && (
            <Text size="sm" mt="xs">
              {t("noDestinations")}
            </Text>
          )}
        </Timeline.Item>
        {lead.deliveries.map((delivery) => (
          <Timeline.Item
            key={delivery.id}
            bullet={<span aria-hidden>{nameOf(delivery.destination).slice(0, 1).toUpperCase()}</span>}
          >
            <DeliveryStep
              lead={lead}
              delivery={delivery}
              link={lead.links[delivery.id] ?? null}
              missingSince={lead.missing[delivery.id] ?? null}
            />
          </Timeline.Item>
        ))}
      </Timeline>
    </Card>
  );
}
