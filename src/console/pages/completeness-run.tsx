import { Alert, Stack } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useParams } from "react-router";
import { isUnderWay, verificationQuery } from "../api/completeness.ts";
import type { Verification } from "../api/types.ts";
import { BackLink } from "../components/back-link.tsx";
import { ErrorState } from "../components/error-state.tsx";
import { LoadingRows } from "../components/loading.tsx";
import { PageTitle } from "../components/page-title.tsx";
import { completenessWords } from "../i18n/completeness.ts";
import { useFormat } from "../i18n/format.ts";
import { useWords } from "../i18n/words.ts";
import { MissingList } from "./completeness/missing-list.tsx";
import { ReasonsCard } from "./completeness/reasons-card.tsx";
import { ReportMenu } from "./completeness/report-menu.tsx";
import { RunFacts } from "./completeness/run-facts.tsx";
import { StandingsTable } from "./completeness/standings-table.tsx";
import { UnderWay } from "./completeness/under-way.tsx";
import { countOf } from "./completeness/verdicts.ts";

/** One look at how leads stand at their destinations: what it came to, and what it found missing. */
export function CompletenessRun() {
  const t = useWords(completenessWords);
  const { id = "" } = useParams();
  const { data, error, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery(
    verificationQuery(id),
  );
  const run = data?.pages[0];
  const missing = data?.pages.flatMap((page) => page.missing) ?? [];
  const foundMissing = run?.destinations.some((one) => countOf(one, "missing") > 0) ?? false;
  return (
    <>
      <BackLink to="/completeness">{t("back")}</BackLink>
      {run ? (
        <Stack gap="lg">
          <Shown run={run} />
          {foundMissing && (
            <MissingList
              missing={missing}
              more={hasNextPage ? () => void fetchNextPage() : null}
              loadingMore={isFetchingNextPage}
            />
          )}
          <RunFacts run={run} />
          <ReasonsCard standings={run.destinations} />
        </Stack>
      ) : error ? (
        <ErrorState error={error} retry={() => void refetch()} />
      ) : (
        <LoadingRows rows={3} height={140} />
      )}
    </>
  );
}

function Shown({ run }: { run: Verification }) {
  const t = useWords(completenessWords);
  const format = useFormat();
  const { id, state, started_at, leads, accounted } = run;
  const title = t("runTitle", { at: format.short(started_at) });
  return (
    <>
      <div>
        <PageTitle title={title} hint={t("accounted", { accounted, count: leads })}>
          {state === "complete" && <ReportMenu id={id} />}
        </PageTitle>
        {isUnderWay(run) && <UnderWay run={run} />}
        {state === "stopped" && <Alert variant="default" title={t("brokenOff")} />}
      </div>
      {run.destinations.length > 0 && <StandingsTable rows={run.destinations} />}
    </>
  );
}
