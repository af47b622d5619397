import { Card, Text, TextInput, Title } from "@mantine/core";
import { useState } from "react";
import { useSession } from "../../api/session.ts";
import type { FormInfo } from "../../api/types.ts";
import { formsWords } from "../../i18n/forms.ts";
import { useWords } from "../../i18n/words.ts";
import { EmbedCode } from "./embed-code.tsx";
import { codesFor } from "./new-form-code.ts";

type NewFormProps = { like: FormInfo | undefined; kind: string; choose: (kind: string) => void };

/** The code for a form that does not exist yet, where any id is accepted. */
export function NewForm({ like, kind, choose }: NewFormProps) {
  const t = useWords(formsWords);
  const { public_url } = useSession();
  const [typed, setTyped] = useState(like ? "quote" : "contact");
  const right = /^[a-z0-9][a-z0-9-]{0,63}$/.test(typed);
  const base = (public_url ?? window.location.origin).replace(/\/+$/, "");
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
      {right && <EmbedCode form={typed} codes={codesFor(`${base}/f/${typed}`, like)} kind={kind} choose={choose} />}
    </Card>
  );
}
