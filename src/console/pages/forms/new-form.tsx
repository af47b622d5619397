import { Card, Text, TextInput, Title } from "@mantine/core";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { formQuery } from "../../api/queries.ts";
import { formsWords } from "../../i18n/forms.ts";
import { useWords } from "../../i18n/words.ts";
import { EmbedCode } from "./embed-code.tsx";

type NewFormProps = { proposed: string; kind: string; choose: (kind: string) => void };

/** The code for a form that does not exist yet, where any id is accepted. */
export function NewForm({ proposed, kind, choose }: NewFormProps) {
  const t = useWords(formsWords);
  const [typed, setTyped] = useState(proposed);
  const right = /^[a-z0-9][a-z0-9-]{0,63}$/.test(typed);
  const { data: form } = useQuery({ ...formQuery(typed), enabled: right, placeholderData: keepPreviousData });
  return (
    <Card component="section" aria-labelledby="new-form">
      <Title order={2} id="new-form">
        {t("newTitle")}
      </Title>
      <Text size="sm" c="dimmed" mb="md">
        {t("newHint")}
      </Text>
      <TextInput
        maw={320}
        label={t("formId")}
        description={t("formIdHint")}
        error={right ? undefined : t("formIdWrong")}
        value={typed}
        maxLength={80}
        onChange={(event) => setTyped(event.currentTarget.value.trim())}
      />
      {right && form && <EmbedCode form={form.id} codes={form.embed} kind={kind} choose={choose} />}
    </Card>
  );
}
