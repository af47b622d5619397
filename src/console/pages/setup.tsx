import { Stack } from "@mantine/core";
import { IconSettings } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { setupQuery } from "../api/queries.ts";
import { useMay } from "../api/session.ts";
import { EmptyState } from "../components/empty-state.tsx";
import { ErrorState } from "../components/error-state.tsx";
import { LoadingRows } from "../components/loading.tsx";
import { PageTitle } from "../components/page-title.tsx";
import { setupWords } from "../i18n/setup.ts";
import { useWords } from "../i18n/words.ts";
import { ChecksCard } from "./setup/checks-card.tsx";
import { GatewayCard } from "./setup/gateway-card.tsx";
import { VariablesSection } from "./setup/variables-section.tsx";

export function Setup() {
  const t = useWords(setupWords);
  const mayOperate = useMay("operate");
  return (
    <>
      <PageTitle title={t("title")} hint={t("hint")} />
      {mayOperate ? (
        <Shown />
      ) : (
        <EmptyState Icon={IconSettings} title={t("notYours")}>
          {t("notYoursHint")}
        </EmptyState>
      )}
    </>
  );
}

function Shown() {
  const { data, error, refetch } = useQuery(setupQuery);
  if (!data && error) return <ErrorState error={error} retry={() => void refetch()} />;
  if (!data) return <LoadingRows rows={8} />;
  return (
    <Stack gap="lg">
      <GatewayCard setup={data} />
      <ChecksCard />
      <VariablesSection variables={data.variables} />
    </Stack>
  );
}
