import { Anchor, Button, Center, Stack, Text, Title } from "@mantine/core";
import { Link } from "react-router";
import type { Missing } from "../../api/types.ts";
import { CompactList } from "../../components/compact-list.tsx";
import { Moment } from "../../components/time-ago.tsx";
import { useDestinationName } from "../../components/use-destination-name.ts";
import { completenessWords } from "../../i18n/completeness.ts";
import { useWords } from "../../i18n/words.ts";

type MissingListProps = { missing: readonly Missing[]; more: (() => void) | null; loadingMore: boolean };

/** The leads a look found missing, each leading to its page. `more`: loads the next ones; null when there are none. */
export function MissingList({ missing, more, loadingMore }: MissingListProps) {
  const t = useWords(completenessWords);
  const nameOf = useDestinationName();
  return (
    <Stack component="section" aria-labelledby="missing-list" gap="sm">
      <Title order={2} id="missing-list">
        {t("missingList")}
      </Title>
      {missing.length === 0 ? (
        <Text size="sm">{t("noneListed")}</Text>
      ) : (
        <CompactList label={t("missingList")}>
          {missing.map(({ delivery_id, lead_id, destination, found_at }) => (
            <li key={delivery_id}>
              <Anchor component={Link} to={`/leads/${lead_id}`} size="sm" underline="always">
                {lead_id}
              </Anchor>
              <Text size="xs" c="dimmed">
                {nameOf(destination)} · {t("found")} <Moment at={found_at} />
              </Text>
            </li>
          ))}
        </CompactList>
      )}
      {more && (
        <Center>
          <Button variant="default" loading={loadingMore} onClick={more}>
            {t("more")}
          </Button>
        </Center>
      )}
    </Stack>
  );
}
