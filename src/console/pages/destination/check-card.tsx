import { Card, Group, Loader, Text, Title } from "@mantine/core";
import type { UseMutationResult } from "@tanstack/react-query";
import type { CheckResult } from "../../api/types.ts";
import { CheckList } from "../../components/check-list.tsx";
import { ErrorState } from "../../components/error-state.tsx";
import { TimeAgo } from "../../components/time-ago.tsx";
import { destinationWords } from "../../i18n/destination.ts";
import { useWords } from "../../i18n/words.ts";

/** What a check of the destination found. */
export function CheckCard({ check }: { check: UseMutationResult<CheckResult[], Error, void> }) {
  const t = useWords(destinationWords);
  return (
    <Card component="section" aria-labelledby="checks">
      <Group justify="space-between" mb="sm">
        <Title order={2} id="checks">
          {t("checks")}
        </Title>
        {check.data && (
          <Text size="sm" c="dimmed">
            {t("checksDone")} <TimeAgo at={new Date(check.submittedAt).toISOString()} />
          </Text>
        )}
      </Group>
      <div aria-live="polite">
        {check.isPending && (
          <Group gap="xs">
            <Loader size="sm" />
            <Text size="sm">{t("checking")}</Text>
          </Group>
        )}
        {check.error && <ErrorState error={check.error} retry={() => check.mutate()} />}
        {check.data && <CheckList results={check.data} />}
      </div>
    </Card>
  );
}
