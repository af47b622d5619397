import { Button, Center } from "@mantine/core";
import { IconMoodPuzzled } from "@tabler/icons-react";
import { useRouteError } from "react-router";
import { EmptyState } from "../components/empty-state.tsx";
import { shellWords } from "../i18n/shell.ts";
import { useWords } from "../i18n/words.ts";

/** What a page shows that threw, or whose script is not there any more because a newer console was installed meanwhile. */
export function BrokenPage() {
  const t = useWords(shellWords);
  const error = useRouteError();
  const outdated = error instanceof TypeError && /module/i.test(error.message);
  return (
    <Center p="md">
      <EmptyState
        Icon={IconMoodPuzzled}
        title={t("broken")}
        action={
          <Button mt="sm" onClick={() => window.location.reload()}>
            {t("reload")}
          </Button>
        }
      >
        {outdated ? t("updated") : t("brokenHint")}
      </EmptyState>
    </Center>
  );
}
