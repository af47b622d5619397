import { Card, Group, List, Text, Title } from "@mantine/core";
import type { DestinationDetail } from "../../api/types.ts";
import { ButtonLink } from "../../components/button-link.tsx";
import { VisitorText } from "../../components/visitor-text.tsx";
import { destinationWords } from "../../i18n/destination.ts";
import { useFormat } from "../../i18n/format.ts";
import { useWords } from "../../i18n/words.ts";

/** Why leads have not arrived here, the most frequent cause first. */
export function CausesCard({ destination: { id, dead } }: { destination: DestinationDetail }) {
  const t = useWords(destinationWords);
  const format = useFormat();
  return (
    <Card component="section" aria-labelledby="causes" h="100%">
      <Title order={2} id="causes" mb="sm">
        {t("causes")}
      </Title>
      <List listStyleType="none" spacing="xs" size="sm">
        {dead
          .toSorted((one, other) => other.count - one.count)
          .slice(0, 8)
          .map(({ code, message, count }) => (
            <List.Item key={`${code} ${message}`}>
              <Group gap="sm" wrap="nowrap" align="flex-start">
                <Text span fw={600} size="sm" className="numbers" c="var(--bad)">
                  {format.number(count)}
                </Text>
                <VisitorText text={message} limit={300} />
              </Group>
            </List.Item>
          ))}
      </List>
      <Group mt="md">
        <ButtonLink to={`/dead-letters?destination=${encodeURIComponent(id)}`} variant="default" size="xs">
          {t("toDeadLetters")}
        </ButtonLink>
      </Group>
    </Card>
  );
}
