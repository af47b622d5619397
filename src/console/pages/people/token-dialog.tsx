import { Button, Checkbox, Group, Modal, Stack, Text, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { answer, api } from "../../api/client.ts";
import { keys } from "../../api/keys.ts";
import { useSession } from "../../api/session.ts";
import type { Permission } from "../../api/types.ts";
import { CopyButton } from "../../components/copy-button.tsx";
import { ErrorState } from "../../components/error-state.tsx";
import { common } from "../../i18n/common.ts";
import { peopleWords } from "../../i18n/people.ts";
import { useWords } from "../../i18n/words.ts";

/** Makes a token, and shows its secret this once. */
export function TokenDialog({ opened, close }: { opened: boolean; close: () => void }) {
  const t = useWords(peopleWords);
  const tCommon = useWords(common);
  const [secret, setSecret] = useState<string | null>(null);
  function leave(): void {
    setSecret(null);
    close();
  }
  return (
    <Modal
      opened={opened}
      onClose={leave}
      title={secret === null ? t("addToken") : t("tokenMade")}
      // The secret is shown once: a click beside the dialog must not lose it.
      closeOnClickOutside={secret === null}
      closeOnEscape={secret === null}
      closeButtonProps={{ "aria-label": tCommon("close") }}
    >
      {secret === null ? <TokenForm close={leave} onMade={setSecret} /> : <Made secret={secret} close={leave} />}
    </Modal>
  );
}

function TokenForm({ close, onMade }: { close: () => void; onMade: (secret: string) => void }) {
  const t = useWords(peopleWords);
  const tCommon = useWords(common);
  const queries = useQueryClient();
  const { permissions } = useSession();
  const [name, setName] = useState("");
  const [scopes, setScopes] = useState<Permission[]>(["read"]);
  const making = useMutation({
    mutationFn: () => answer(api.tokens.$post({ json: { name: name.trim(), scopes } })),
    onSuccess: (made) => onMade(made.secret),
    onSettled: () => queries.invalidateQueries({ queryKey: keys.tokens }),
  });
  function submit(event: FormEvent): void {
    event.preventDefault();
    if (scopes.length > 0) making.mutate();
  }
  return (
    <form onSubmit={submit}>
      <Stack>
        <TextInput
          label={t("tokenName")}
          placeholder={t("tokenNamePlaceholder")}
          required
          withAsterisk={false}
          maxLength={100}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          autoComplete="off"
          data-autofocus
        />
        <Checkbox.Group
          label={t("scopes")}
          value={scopes}
          onChange={(values) => setScopes(permissions.filter((one) => values.includes(one)))}
          error={scopes.length === 0 ? t("needsScope") : undefined}
        >
          <Stack gap="xs" my="xs">
            {permissions.map((scope) => (
              <Checkbox key={scope} value={scope} label={scope} description={t(`scope-${scope}`)} />
            ))}
          </Stack>
        </Checkbox.Group>
        {making.error && <ErrorState error={making.error} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={close}>
            {tCommon("cancel")}
          </Button>
          <Button type="submit" loading={making.isPending} disabled={scopes.length === 0}>
            {t("addToken")}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function Made({ secret, close }: { secret: string; close: () => void }) {
  const t = useWords(peopleWords);
  const curl = `curl -H "Authorization: Bearer ${secret}" ${window.location.origin}/api/v1/session`;
  return (
    <Stack role="status">
      <Text size="sm">{t("tokenMadeHint")}</Text>
      <Group gap={4} wrap="nowrap">
        <code style={{ overflowWrap: "anywhere" }}>{secret}</code>
        <CopyButton value={secret} what={t("tokenSecret")} />
      </Group>
      <div>
        <Text size="sm" fw={600}>
          {t("tryIt")}
        </Text>
        <Group gap={4} wrap="nowrap" align="flex-start">
          <code style={{ overflowWrap: "anywhere", fontSize: "0.8rem" }}>{curl}</code>
          <CopyButton value={curl} what="curl" />
        </Group>
      </div>
      <Group justify="flex-end">
        <Button onClick={close}>{t("keptIt")}</Button>
      </Group>
    </Stack>
  );
}
