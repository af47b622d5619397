import { Button, Center, Stack } from "@mantine/core";
import { IconArrowUp, IconShieldCheck } from "@tabler/icons-react";
import { useLeadList } from "../api/lead-list.ts";
import type { LeadsFilter } from "../api/types.ts";
import { EmptyState } from "../components/empty-state.tsx";
import { ErrorState } from "../components/error-state.tsx";
import { LoadingRows } from "../components/loading.tsx";
import { PageTitle } from "../components/page-title.tsx";
import { quarantineWords } from "../i18n/quarantine.ts";
import { useWords } from "../i18n/words.ts";
import { HeldList } from "./quarantine/held-list.tsx";

const held: LeadsFilter = { state: "quarantined" };
const top = (): number => 0;

export function Quarantine() {
  const t = useWords(quarantineWords);
  const list = useLeadList(held, top);
  const rows = list.rows.filter(({ state }) => state === "quarantined");
  return (
    <>
      <PageTitle title={t("title")} hint={t("hint")} />
      <div role="status">
        {list.arrived > 0 && (
          <Center mb="sm">
            <Button
              size="xs"
              radius="xl"
              leftSection={<IconArrowUp size={16} aria-hidden />}
              onClick={() => list.showArrived()}
            >
              {t("newLeads", { count: list.arrived })}
            </Button>
          </Center>
        )}
      </div>
      {list.error && rows.length === 0 ? (
        <ErrorState error={list.error} retry={list.retry} />
      ) : list.loading ? (
        <LoadingRows rows={6} height={72} />
      ) : rows.length === 0 && !list.hasMore ? (
        <EmptyState Icon={IconShieldCheck} title={t("empty")}>
          {t("emptyHint")}
        </EmptyState>
      ) : (
        <Stack gap="sm">
          <HeldList rows={rows} />
          {list.moreError && <ErrorState error={list.moreError} retry={list.more} />}
          {list.hasMore && (
            <Center>
              <Button variant="default" loading={list.loadingMore} onClick={() => list.more()}>
                {t("more")}
              </Button>
            </Center>
          )}
        </Stack>
      )}
    </>
  );
}
