import { Stack } from "@mantine/core";
import { IconUsers } from "@tabler/icons-react";
import { useMay } from "../api/session.ts";
import { EmptyState } from "../components/empty-state.tsx";
import { PageTitle } from "../components/page-title.tsx";
import { peopleWords } from "../i18n/people.ts";
import { useWords } from "../i18n/words.ts";
import { PeopleSection } from "./people/people-section.tsx";
import { TokensSection } from "./people/tokens-section.tsx";

export function People() {
  const t = useWords(peopleWords);
  const mayManage = useMay("manage");
  return (
    <>
      <PageTitle title={t("title")} hint={t("hint")} />
      {mayManage ? (
        <Stack gap="xl">
          <PeopleSection />
          <TokensSection />
        </Stack>
      ) : (
        <EmptyState Icon={IconUsers} title={t("notYours")}>
          {t("notYoursHint")}
        </EmptyState>
      )}
    </>
  );
}
