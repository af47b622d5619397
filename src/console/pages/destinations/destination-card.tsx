import { Anchor, Card, Group, Text, Title } from "@mantine/core";
import { Link } from "react-router";
import type { DestinationSummary } from "../../api/types.ts";
import { StateBadge } from "../../components/state-badge.tsx";
import { Figures } from "./figures.tsx";
import { PauseButton } from "./pause-button.tsx";
import { Trouble } from "./trouble.tsx";

/** One destination: does it work, what arrives, what waits. */
export function DestinationCard({ destination }: { destination: DestinationSummary }) {
  const { id, kind, label, state } = destination;
  return (
    <Card component="article" h="100%" aria-label={label}>
      <Group justify="space-between" wrap="nowrap" align="flex-start" gap="xs" mb="sm">
        <div style={{ minWidth: 0 }}>
          <Title order={2}>
            <Anchor component={Link} to={`/destinations/${encodeURIComponent(id)}`} inherit>
              {label}
            </Anchor>
          </Title>
          <Text size="xs" c="dimmed">
            {id === kind ? id : `${id} · ${kind}`}
          </Text>
        </div>
        <StateBadge state={state} />
      </Group>
      <Trouble destination={destination} />
      <Figures destination={destination} />
      <Group justify="flex-end" mt="auto" pt="sm">
        <PauseButton destination={destination} size="xs" named />
      </Group>
    </Card>
  );
}
