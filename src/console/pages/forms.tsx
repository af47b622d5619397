import { Stack, Text } from "@mantine/core";
import { IconForms } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { formsQuery } from "../api/queries.ts";
import { useSession } from "../api/session.ts";
import type { FormInfo } from "../api/types.ts";
import { EmptyState } from "../components/empty-state.tsx";
import { ErrorState } from "../components/error-state.tsx";
import { LoadingRows } from "../components/loading.tsx";
import { PageTitle } from "../components/page-title.tsx";
import { formsWords } from "../i18n/forms.ts";
import { useWords } from "../i18n/words.ts";
import { FormCard } from "./forms/form-card.tsx";
import { NewForm } from "./forms/new-form.tsx";

/** Ids for a new form; the first that is not there yet is proposed. */
const proposals = ["contact", "quote", "callback", "newsletter"];

export function Forms() {
  const t = useWords(formsWords);
  const { data, error, refetch } = useQuery(formsQuery);
  return (
    <>
      <PageTitle title={t("title")} hint={t("hint")} />
      {data ? (
        <Shown forms={data} />
      ) : error ? (
        <ErrorState error={error} retry={() => void refetch()} />
      ) : (
        <LoadingRows rows={3} height={180} />
      )}
    </>
  );
}

function Shown({ forms }: { forms: readonly FormInfo[] }) {
  const t = useWords(formsWords);
  const { public_url } = useSession();
  // Whoever looks for Vue code for one form wants it for the next one too.
  const [kind, setKind] = useState("html");
  const proposed = proposals.find((each) => forms.every(({ id }) => id !== each)) ?? "form";
  const anyId = forms.every(({ configured }) => !configured);
  return (
    <Stack gap="lg">
      {forms.length === 0 && (
        <EmptyState Icon={IconForms} title={t("empty")}>
          {t("emptyHint")}
        </EmptyState>
      )}
      {forms.map((form) => (
        <FormCard key={form.id} form={form} kind={kind} choose={setKind} opened={forms.length === 1} />
      ))}
      {anyId && <NewForm proposed={proposed} kind={kind} choose={setKind} />}
      {public_url === null && (
        <Text size="sm" c="dimmed">
          {t("ownHost")}
        </Text>
      )}
    </Stack>
  );
}
