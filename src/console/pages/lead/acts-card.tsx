import { Card, List, Text, Title } from "@mantine/core";
import type { Act } from "../../api/types.ts";
import { TimeAgo } from "../../components/time-ago.tsx";
import { useDestinationName } from "../../components/use-destination-name.ts";
import { leadWords } from "../../i18n/lead.ts";
import { useWords } from "../../i18n/words.ts";
import { deedsOf } from "../activity/deeds.ts";
import { useDeedWords } from "../activity/use-deed-words.ts";

export function ActsCard({ acts }: { acts: Act[] }) {
  const t = useWords(leadWords);
  const say = useDeedWords(useDestinationName());
  return (
    <Card component="section" aria-labelledby="acts">
      <Title order={2} id="acts" mb="sm">
        {t("acts")}
      </Title>
      {acts.length === 0 && <Text c="dimmed">{t("noActs")}</Text>}
      <List listStyleType="none" size="sm" spacing="xs">
        {deedsOf(acts).map((deed) => (
          <List.Item key={deed.n}>
            <bdi>{deed.actor.name}</bdi>: <bdi>{say(deed)}</bdi>{" "}
            <Text span size="sm" c="dimmed">
              <TimeAgo at={deed.at} />
            </Text>
          </List.Item>
        ))}
      </List>
    </Card>
  );
}
