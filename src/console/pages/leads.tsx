import { ActionIcon, Tooltip } from "@mantine/core";
import { useHotkeys } from "@mantine/hooks";
import { modals } from "@mantine/modals";
import { IconInbox, IconKeyboard, IconSearchOff } from "@tabler/icons-react";
import { useMemo, useRef } from "react";
import { useLeadList } from "../api/lead-list.ts";
import { useMay } from "../api/session.ts";
import { ButtonLink } from "../components/button-link.tsx";
import { EmptyState } from "../components/empty-state.tsx";
import { ErrorState } from "../components/error-state.tsx";
import { LoadingRows } from "../components/loading.tsx";
import { PageTitle } from "../components/page-title.tsx";
import { leadsWords } from "../i18n/leads.ts";
import { useWords } from "../i18n/words.ts";
import { ExportMenu } from "./leads/export-menu.tsx";
import { filterFor } from "./leads/filter.ts";
import { FilterBar } from "./leads/filter-bar.tsx";
import { KeysHelp } from "./leads/keys-help.tsx";
import { LeadListView } from "./leads/lead-list.tsx";
import { useChosen } from "./leads/use-chosen.ts";

export function Leads() {
  const t = useWords(leadsWords);
  const [chosen, change] = useChosen();
  const filter = useMemo(() => filterFor(chosen), [chosen]);
  const searchBox = useRef<HTMLInputElement>(null);
  const topRow = useRef<() => number>(() => 0);
  const [inView] = useMemo(() => [() => topRow.current()], []);
  const list = useLeadList(filter, inView);
  const mayExport = useMay("read_personal");

  const help = (): void => void modals.open({ title: t("keys"), children: <KeysHelp /> });
  useHotkeys([
    ["/", () => searchBox.current?.focus()],
    ["?", help],
    ["shift+?", help],
  ]);

  return (
    <>
      <PageTitle title={t("title")} hint={t("hint")}>
        <Tooltip label={t("keys")}>
          <ActionIcon variant="default" size={36} onClick={help} aria-label={t("keys")} visibleFrom="sm">
            <IconKeyboard size={18} aria-hidden />
          </ActionIcon>
        </Tooltip>
        {mayExport && <ExportMenu filter={filter} />}
      </PageTitle>
      <FilterBar chosen={chosen} change={change} searchBox={searchBox} />
      <Found list={list} filtered={Object.keys(chosen).length > 0} inView={topRow} />
    </>
  );
}

type FoundProps = { list: ReturnType<typeof useLeadList>; filtered: boolean; inView: React.RefObject<() => number> };

function Found({ list, filtered, inView }: FoundProps) {
  const t = useWords(leadsWords);
  if (list.error && list.rows.length === 0) return <ErrorState error={list.error} retry={list.retry} />;
  if (list.loading) return <LoadingRows rows={8} height={58} />;
  if (list.rows.length > 0 || list.hasMore || list.arrived > 0) return <LeadListView list={list} inView={inView} />;
  if (filtered)
    return (
      <EmptyState Icon={IconSearchOff} title={t("nothing")}>
        {t("nothingHint")}
      </EmptyState>
    );
  return (
    <EmptyState Icon={IconInbox} title={t("empty")} action={<ButtonLink to="/forms">{t("toForms")}</ButtonLink>}>
      {t("emptyHint")}
    </EmptyState>
  );
}
