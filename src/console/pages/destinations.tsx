import { SimpleGrid } from "@mantine/core";
import { IconPlugConnected } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { destinationsQuery } from "../api/queries.ts";
import { ButtonLink } from "../components/button-link.tsx";
import { DrainProgress } from "../components/drain-progress.tsx";
import { EmptyState } from "../components/empty-state.tsx";
import { ErrorState } from "../components/error-state.tsx";
import { LoadingRows } from "../components/loading.tsx";
import { PageTitle } from "../components/page-title.tsx";
import { destinationsWords } from "../i18n/destinations.ts";
import { useWords } from "../i18n/words.ts";
import { DestinationCard } from "./destinations/destination-card.tsx";

export function Destinations() {
  const t = useWords(destinationsWords);
  const { data, error, refetch } = useQuery(destinationsQuery);
  return (
    <>
      <PageTitle title={t("title")} hint={t("hint")} />
      <DrainProgress />
      {!data && error ? (
        <ErrorState error={error} retry={() => void refetch()} />
      ) : !data ? (
        <LoadingRows rows={3} height={180} />
      ) : data.length === 0 ? (
        <EmptyState
          Icon={IconPlugConnected}
          title={t("empty")}
          action={<ButtonLink to="/setup">{t("toSetup")}</ButtonLink>}
        >
          {t("emptyHint")}
        </EmptyState>
      ) : (
        <SimpleGrid component="ul" cols={{ base: 1, md: 2 }} spacing="md" m={0} p={0} style={{ listStyle: "none" }}>
          {data.map((destination) => (
            <li key={destination.id}>
              <DestinationCard destination={destination} />
            </li>
          ))}
        </SimpleGrid>
      )}
    </>
  );
}
