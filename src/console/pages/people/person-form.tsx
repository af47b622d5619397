import { Button, Group, Radio, Stack, Text, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { answer, api } from "../../api/client.ts";
import { keys } from "../../api/keys.ts";
import { useSession } from "../../api/session.ts";
import type { Person, Role } from "../../api/types.ts";
import { ErrorState } from "../../components/error-state.tsx";
import { useNotify } from "../../components/notify.tsx";
import { common } from "../../i18n/common.ts";
import { peopleWords } from "../../i18n/people.ts";
import { shellWords } from "../../i18n/shell.ts";
import { useWords } from "../../i18n/words.ts";
import { newPassword } from "./new-password.ts";

const roles: readonly Role[] = ["viewer", "operator", "owner"];

type PersonFormProps = {
  /** Null: a new one. */
  person: Person | null;
  close: () => void;
  onAdded(person: Person, password: string): void;
};

export function PersonForm({ person, close, onAdded }: PersonFormProps) {
  const t = useWords(peopleWords);
  const tShell = useWords(shellWords);
  const tCommon = useWords(common);
  const notify = useNotify();
  const queries = useQueryClient();
  const own = useSession().person?.id;
  const [name, setName] = useState(person?.name ?? "");
  const [email, setEmail] = useState(person?.email ?? "");
  const [role, setRole] = useState<Role>(person?.role ?? "operator");
  const [password, setPassword] = useState(person ? "" : newPassword);
  const saving = useMutation({
    mutationFn: (): Promise<Person> => {
      const given = { name: name.trim(), email: email.trim(), role };
      if (person === null) return answer(api.people.$post({ json: { ...given, password } }));
      const changed = Object.entries(given).filter(([field, value]) => person[field as keyof Person] !== value);
      const json = { ...Object.fromEntries(changed), ...(password ? { password } : {}) };
      return answer(api.people[":id"].$patch({ param: { id: person.id }, json }));
    },
    onSuccess(saved) {
      if (person === null) return onAdded(saved, password);
      notify.done(t("saved"));
      close();
    },
    onSettled() {
      void queries.invalidateQueries({ queryKey: keys.people });
      if (person?.id === own) void queries.invalidateQueries({ queryKey: keys.session });
    },
  });

  function submit(event: FormEvent): void {
    event.preventDefault();
    saving.mutate();
  }

  return (
    <form onSubmit={submit}>
      <Stack>
        <TextInput
          label={t("name")}
          required
          withAsterisk={false}
          maxLength={200}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          autoComplete="off"
          data-autofocus
        />
        <TextInput
          label={t("email")}
          type="email"
          required
          withAsterisk={false}
          maxLength={254}
          value={email}
          onChange={(event) => setEmail(event.currentTarget.value)}
          autoComplete="off"
        />
        <Radio.Group
          label={t("role")}
          value={role}
          onChange={(value) => setRole(roles.find((one) => one === value) ?? "viewer")}
        >
          <Stack gap="xs" mt="xs">
            {roles.map((one) => (
              <Radio key={one} value={one} label={tShell(one)} description={t(`role-${one}`)} />
            ))}
          </Stack>
        </Radio.Group>
        {person !== null && person.role !== role && (
          <Text size="sm" c="var(--warn)" role="status">
            {person.id === own ? t("ownRole") : t("roleHint")}
          </Text>
        )}
        <TextInput
          label={t(person ? "newPassword" : "password")}
          description={t(person ? "newPasswordHint" : "passwordHint")}
          required={person === null}
          withAsterisk={false}
          minLength={12}
          maxLength={200}
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
          autoComplete="new-password"
          spellCheck={false}
          ff="monospace"
        />
        <Group mt={-8}>
          <Button size="compact-sm" variant="default" onClick={() => setPassword(newPassword())}>
            {t(person && !password ? "generateNew" : "generate")}
          </Button>
        </Group>
        {saving.error && <ErrorState error={saving.error} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={close}>
            {tCommon("cancel")}
          </Button>
          <Button type="submit" loading={saving.isPending}>
            {person ? tCommon("save") : t("add")}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
