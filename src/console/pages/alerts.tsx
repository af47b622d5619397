import { Stack, Text, Title } from "@mantine/core";
import { IconBellCheck } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { alertsQuery } from "../api/queries.ts";
import type { Alerts as AlertsJson } from "../api/types.ts";
import { Concerns } from "../components/concern.tsx";
import { EmptyState } from "../components/empty-state.tsx";
import { ErrorState } from "../components/error-state.tsx";
import { LoadingRows } from "../components/loading.tsx";
import { PageTitle } from "../components/page-title.tsx";
import { alertsWords } from "../i18n/alerts.ts";
import { useWords } from "../i18n/words.ts";
import { OpenAlert } from "./alerts/open-alert.tsx";
import { OverList } from "./alerts/over-list.tsx";

/** What people were told of: what is wrong now, and what was. */
export function Alerts() {
  const t = useWords(alertsWords);
  const { data, error, refetch } = useQuery(alertsQuery);
  return (
    <>
      <PageTitle title={t("title")} hint={t("hint")} />
      {data ? (
        <Shown alerts={data} />
      ) : error ? (
        <ErrorState error={error} retry={() => void refetch()} />
      ) : (
        <LoadingRows rows={3} height={90} />
      )}
    </>
  );
}

function Shown({ alerts: { open, over } }: { alerts: AlertsJson }) {
  const t = useWords(alertsWords);
  return (
    <Stack gap="xl">
      {open.length === 0 ? (
        <EmptyState Icon={IconBellCheck} title={t("none")}>
          {t("noneHint")}
        </EmptyState>
      ) : (
        <section aria-labelledby="open">
          <Title order={2} id="open" mb="sm">
            {t("open")}
          </Title>
          <Concerns label={t("open")}>
            {open.map((alert) => (
              <OpenAlert key={alert.id} alert={alert} />
            ))}
          </Concerns>
        </section>
      )}
      {over.length > 0 && (
        <section aria-labelledby="over">
          <Title order={2} id="over">
            {t("over")}
          </Title>
          <Text size="sm" c="dimmed" mb="sm">
            {t("overHint")}
          </Text>
          <OverList alerts={over} />
        </section>
      )}
    </Stack>
  );
}
