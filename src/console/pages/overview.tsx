import { SegmentedControl, Stack } from "@mantine/core";
import { IconInbox } from "@tabler/icons-react";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { type Days, formsQuery, overviewQuery } from "../api/queries.ts";
import { ButtonLink } from "../components/button-link.tsx";
import { EmptyState } from "../components/empty-state.tsx";
import { ErrorState } from "../components/error-state.tsx";
import { LoadingRows } from "../components/loading.tsx";
import { PageTitle } from "../components/page-title.tsx";
import { overviewWords } from "../i18n/overview.ts";
import { useWords } from "../i18n/words.ts";
import { ChartCard } from "./overview/chart-card.tsx";
import { CompletenessLine } from "./overview/completeness-line.tsx";
import { Counters } from "./overview/counters.tsx";
import { DestinationsCard } from "./overview/destinations-card.tsx";
import { Troubles } from "./overview/troubles.tsx";

const ranges: readonly Days[] = ["7", "30", "90"];

/** Does everything arrive, and if not, why and what to press. */
export function Overview() {
  const t = useWords(overviewWords);
  const [days, setDays] = useState<Days>("30");
  const { data, error, refetch } = useQuery({ ...overviewQuery(days), placeholderData: keepPreviousData });
  const forms = useQuery(formsQuery).data ?? [];
  return (
    <>
      <PageTitle title={t("title")}>
        <SegmentedControl
          aria-label={t("range")}
          value={days}
          onChange={(value) => setDays(ranges.find((each) => each === value) ?? "30")}
          data={ranges.map((each) => ({ value: each, label: t("days", { days: each }) }))}
        />
      </PageTitle>
      {error && !data ? (
        <ErrorState error={error} retry={() => void refetch()} />
      ) : !data ? (
        <LoadingRows rows={4} height={110} />
      ) : (
        <Stack gap="lg">
          <div>
            <Troubles overview={data} />
            <CompletenessLine />
          </div>
          <Counters overview={data} days={days} />
          {data.leads.active + data.leads.quarantined + data.leads.erased === 0 ? (
            <EmptyState
              Icon={IconInbox}
              title={t("waitingForFirst")}
              action={<ButtonLink to="/forms">{t("toForms")}</ButtonLink>}
            >
              {t("waitingForFirstHint")}
            </EmptyState>
          ) : (
            <ChartCard overview={data} forms={forms} />
          )}
          <DestinationsCard destinations={data.destinations} />
        </Stack>
      )}
    </>
  );
}
