import { IconMapQuestion } from "@tabler/icons-react";
import { ButtonLink } from "../components/button-link.tsx";
import { EmptyState } from "../components/empty-state.tsx";
import { PageTitle } from "../components/page-title.tsx";
import { shellWords } from "../i18n/shell.ts";
import { useWords } from "../i18n/words.ts";

export function NotFound() {
  const t = useWords(shellWords);
  return (
    <>
      <PageTitle title={t("notFound")} />
      <EmptyState
        Icon={IconMapQuestion}
        title={t("notFound")}
        action={<ButtonLink to="/">{t("toOverview")}</ButtonLink>}
      >
        {t("notFoundHint")}
      </EmptyState>
    </>
  );
}
