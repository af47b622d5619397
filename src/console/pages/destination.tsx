import { Button, Grid, Stack } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconRefreshDot, IconSend, IconStethoscope } from "@tabler/icons-react";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useParams } from "react-router";
import { answer, api } from "../api/client.ts";
import { destinationQuery } from "../api/queries.ts";
import { useMay } from "../api/session.ts";
import type { DestinationDetail } from "../api/types.ts";
import { BackLink } from "../components/back-link.tsx";
import { DrainProgress } from "../components/drain-progress.tsx";
import { ErrorState } from "../components/error-state.tsx";
import { LoadingRows } from "../components/loading.tsx";
import { PageTitle } from "../components/page-title.tsx";
import { StateBadge } from "../components/state-badge.tsx";
import { destinationWords } from "../i18n/destination.ts";
import { useWords } from "../i18n/words.ts";
import { AttemptsCard } from "./destination/attempts-card.tsx";
import { CausesCard } from "./destination/causes-card.tsx";
import { CheckCard } from "./destination/check-card.tsx";
import { FiguresCard } from "./destination/figures-card.tsx";
import { ResyncDialog } from "./destination/resync-dialog.tsx";
import { SettingsCard } from "./destination/settings-card.tsx";
import { TestDialog } from "./destination/test-dialog.tsx";
import { PauseButton } from "./destinations/pause-button.tsx";
import { Trouble } from "./destinations/trouble.tsx";

export function Destination() {
  const t = useWords(destinationWords);
  const { id = "" } = useParams();
  const { data, error, refetch } = useQuery(destinationQuery(id));
  return (
    <>
      <BackLink to="/destinations">{t("back")}</BackLink>
      {data ? (
        <Shown destination={data} key={id} />
      ) : error ? (
        <ErrorState error={error} retry={() => void refetch()} />
      ) : (
        <LoadingRows rows={4} height={140} />
      )}
    </>
  );
}

function Shown({ destination }: { destination: DestinationDetail }) {
  const t = useWords(destinationWords);
  const mayOperate = useMay("operate");
  const [testing, test] = useDisclosure(false);
  const [resyncing, resync] = useDisclosure(false);
  const { id, label, state } = destination;
  const check = useMutation({ mutationFn: () => answer(api.destinations[":id"].check.$post({ param: { id } })) });
  return (
    <>
      <PageTitle title={label} hint={<StateBadge state={state} />}>
        {mayOperate && (
          <>
            <PauseButton destination={destination} />
            <Button variant="default" leftSection={<IconRefreshDot size={16} aria-hidden />} onClick={resync.open}>
              {t("resync")}
            </Button>
            <Button
              variant="default"
              leftSection={<IconStethoscope size={16} aria-hidden />}
              loading={check.isPending}
              onClick={() => check.mutate()}
            >
              {t("check")}
            </Button>
            <Button variant="default" leftSection={<IconSend size={16} aria-hidden />} onClick={test.open}>
              {t("test")}
            </Button>
            <TestDialog destination={destination} opened={testing} close={test.close} />
            <ResyncDialog destination={destination} opened={resyncing} close={resync.close} />
          </>
        )}
      </PageTitle>
      <Trouble destination={destination} />
      <DrainProgress destination={id} />
      <Stack gap="lg">
        {!check.isIdle && <CheckCard check={check} />}
        <FiguresCard destination={destination} />
        <AttemptsCard hours={destination.hours} />
        <Grid gap="lg">
          <Grid.Col span={{ base: 12, md: destination.dead.length > 0 ? 7 : 12 }}>
            <SettingsCard destination={destination} />
          </Grid.Col>
          {destination.dead.length > 0 && (
            <Grid.Col span={{ base: 12, md: 5 }}>
              <CausesCard destination={destination} />
            </Grid.Col>
          )}
        </Grid>
      </Stack>
    </>
  );
}
