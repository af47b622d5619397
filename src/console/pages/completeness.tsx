import { Stack, Title } from "@mantine/core";
import { IconListCheck } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { completenessQuery } from "../api/completeness.ts";
import { useMay } from "../api/session.ts";
import type { Completeness as CompletenessJson } from "../api/types.ts";
import { DrainProgress } from "../components/drain-progress.tsx";
import { EmptyState } from "../components/empty-state.tsx";
import { ErrorState } from "../components/error-state.tsx";
import { LoadingRows } from "../components/loading.tsx";
import { PageTitle } from "../components/page-title.tsx";
import { completenessWords } from "../i18n/completeness.ts";
import { useWords } from "../i18n/words.ts";
import { MissingCard } from "./completeness/missing-card.tsx";
import { ReadBackMenu } from "./completeness/read-back-menu.tsx";
import { Runs } from "./completeness/runs.tsx";
import { StandingsTable } from "./completeness/standings-table.tsx";
import { Summary } from "./completeness/summary.tsx";
import { UnderWay } from "./completeness/under-way.tsx";

/** Whether every lead is where it was brought, as last looked. */
export function Completeness() {
  const t = useWords(completenessWords);
  const mayOperate = useMay("operate");
  const { data, error, refetch } = useQuery(completenessQuery);
  return (
    <>
      <PageTitle title={t("title")} hint={t("hint")}>
        {mayOperate && <ReadBackMenu busy={Boolean(data?.under_way)} />}
      </PageTitle>
      <DrainProgress />
      {data ? (
        <Shown completeness={data} />
      ) : error ? (
        <ErrorState error={error} retry={() => void refetch()} />
      ) : (
        <LoadingRows rows={3} height={140} />
      )}
    </>
  );
}

function Shown({ completeness }: { completeness: CompletenessJson }) {
  const t = useWords(completenessWords);
  const { whole, destinations, under_way, recent, nightly_at } = completeness;
  const rows = destinations.map((one) => ({ ...one, look: { id: one.verification, at: one.read_back_at } }));
  return (
    <Stack gap="lg">
      {under_way && <UnderWay run={under_way} />}
      {whole && <Summary run={whole} nightlyAt={nightly_at} />}
      <MissingCard completeness={completeness} />
      {rows.length > 0 && (
        <section aria-labelledby="by-destination">
          <Title order={2} id="by-destination" mb="sm">
            {t("destinations")}
          </Title>
          <StandingsTable rows={rows} />
        </section>
      )}
      {recent.length > 0 ? (
        <Runs runs={recent} />
      ) : (
        <EmptyState Icon={IconListCheck} title={t("never")}>
          {t("neverHint")} {nightly_at === null ? t("noNightly") : t("nightly", { time: nightly_at })}
        </EmptyState>
      )}
    </Stack>
  );
}
