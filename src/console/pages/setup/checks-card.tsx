import { Anchor, Button, Card, Group, Loader, Stack, Text, Title } from "@mantine/core";
import { IconStethoscope } from "@tabler/icons-react";
import { useMutation, useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { answer, api } from "../../api/client.ts";
import { destinationsQuery } from "../../api/queries.ts";
import type { CheckResult } from "../../api/types.ts";
import { CheckList } from "../../components/check-list.tsx";
import { ErrorState } from "../../components/error-state.tsx";
import { setupWords } from "../../i18n/setup.ts";
import { useWords } from "../../i18n/words.ts";

/** The doctor's checks of every destination, when asked for: they call the vendors. */
export function ChecksCard() {
  const t = useWords(setupWords);
  const checking = useMutation({ mutationFn: () => answer(api.setup.check.$post()) });
  return (
    <Card component="section" aria-labelledby="checks">
      <Group justify="space-between" align="flex-start" gap="sm">
        <div style={{ flex: "1 1 18rem" }}>
          <Title order={2} id="checks">
            {t("checks")}
          </Title>
          <Text size="sm" c="dimmed">
            {t("checksHint")}
          </Text>
        </div>
        <Button
          leftSection={<IconStethoscope size={16} aria-hidden />}
          loading={checking.isPending}
          onClick={() => checking.mutate()}
        >
          {t(checking.data ? "runAgain" : "run")}
        </Button>
      </Group>
      <div aria-live="polite">
        {checking.isPending && (
          <Group gap="xs" mt="md">
            <Loader size="sm" />
            <Text size="sm">{t("running")}</Text>
          </Group>
        )}
        {checking.error && <ErrorState error={checking.error} retry={() => checking.mutate()} />}
        {checking.data && <Results results={checking.data} />}
      </div>
    </Card>
  );
}

type Result = CheckResult & { destination: string | null };

function Results({ results }: { results: readonly Result[] }) {
  const t = useWords(setupWords);
  const destinations = useQuery(destinationsQuery).data ?? [];
  if (results.length === 0) return <Text mt="md">{t("nothingToCheck")}</Text>;
  const count = (result: Result["result"]): number => results.filter((one) => one.result === result).length;
  const fine = count("ok");
  return (
    <Stack gap="lg" mt="md">
      <Text fw={600}>
        {fine === results.length
          ? t("allFine", { count: fine })
          : t("found", { problems: count("problem"), warnings: count("warning"), fine })}
      </Text>
      {[...Map.groupBy(results, ({ destination }) => destination)].map(([id, some]) => (
        <div key={id ?? ""}>
          <Title order={3} fz="md" mb="xs">
            {id === null ? (
              t("general")
            ) : (
              <Anchor component={Link} to={`/destinations/${encodeURIComponent(id)}`} inherit>
                {destinations.find((one) => one.id === id)?.label ?? id}
              </Anchor>
            )}
          </Title>
          <CheckList results={some} />
        </div>
      ))}
    </Stack>
  );
}
