import { Button, Group, Text, Title, VisuallyHidden } from "@mantine/core";
import { IconUserPlus, IconUsers } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { answer, api } from "../../api/client.ts";
import { keys } from "../../api/keys.ts";
import { peopleQuery } from "../../api/queries.ts";
import { useSession } from "../../api/session.ts";
import type { Person } from "../../api/types.ts";
import { useAct } from "../../api/use-act.ts";
import { askToConfirm } from "../../components/confirm.tsx";
import { type Column, DataTable } from "../../components/data-table.tsx";
import { EmptyState } from "../../components/empty-state.tsx";
import { ErrorState } from "../../components/error-state.tsx";
import { LoadingRows } from "../../components/loading.tsx";
import { useNotify } from "../../components/notify.tsx";
import { TimeAgo } from "../../components/time-ago.tsx";
import { common } from "../../i18n/common.ts";
import { peopleWords } from "../../i18n/people.ts";
import { shellWords } from "../../i18n/shell.ts";
import { useWords } from "../../i18n/words.ts";
import { PersonDialog } from "./person-dialog.tsx";

/** Who may sign in. */
export function PeopleSection() {
  const t = useWords(peopleWords);
  const { data, error, refetch } = useQuery(peopleQuery);
  // Null: the dialog is closed; "new": it adds somebody.
  const [edited, edit] = useState<Person | "new" | null>(null);
  return (
    <section aria-labelledby="people">
      <Group justify="space-between" mb="sm">
        <Title order={2} id="people">
          {t("people")}
        </Title>
        <Button leftSection={<IconUserPlus size={16} aria-hidden />} onClick={() => edit("new")}>
          {t("add")}
        </Button>
      </Group>
      {!data && error ? (
        <ErrorState error={error} retry={() => void refetch()} />
      ) : !data ? (
        <LoadingRows rows={2} />
      ) : data.length === 0 ? (
        <EmptyState Icon={IconUsers} title={t("noPeople")}>
          {t("noPeopleHint")}
        </EmptyState>
      ) : (
        <Table people={data} edit={edit} />
      )}
      <Text size="sm" c="dimmed" mt="sm">
        {t("builtIn")}
      </Text>
      <PersonDialog person={edited} close={() => edit(null)} />
    </section>
  );
}

function Table({ people, edit }: { people: Person[]; edit: (person: Person) => void }) {
  const t = useWords(peopleWords);
  const tShell = useWords(shellWords);
  const tCommon = useWords(common);
  const notify = useNotify();
  const own = useSession().person?.id;
  const remove = useAct(({ id }: Person) => answer(api.people[":id"].$delete({ param: { id } })), {
    changes: [keys.people],
    onDone: (_, { name }) => notify.done(t("removed", { name })),
  });
  const columns: Column<Person>[] = [
    {
      key: "name",
      title: t("name"),
      cell: ({ id, name }) => (
        <Text span fw={600} size="sm">
          <bdi>{name}</bdi>
          {id === own && ` (${t("you")})`}
        </Text>
      ),
    },
    { key: "email", title: t("email"), cell: ({ email }) => <bdi>{email}</bdi> },
    { key: "role", title: t("role"), cell: ({ role }) => tShell(role) },
    {
      key: "seen",
      title: t("lastSeen"),
      cell: ({ last_seen_at }) => (last_seen_at === null ? tCommon("never") : <TimeAgo at={last_seen_at} />),
    },
    {
      key: "acts",
      title: <VisuallyHidden>{t("acts")}</VisuallyHidden>,
      align: "right",
      cell: (person) => (
        <Group gap="xs" justify="flex-end" wrap="nowrap">
          <Button
            size="compact-sm"
            variant="default"
            onClick={() => edit(person)}
            aria-label={t("editNamed", { name: person.name })}
          >
            {t("edit")}
          </Button>
          <Button
            size="compact-sm"
            variant="default"
            aria-label={t("removeNamed", { name: person.name })}
            onClick={() =>
              askToConfirm({
                title: t("removeTitle", { name: person.name }),
                children: <Text size="sm">{t("removeHint")}</Text>,
                act: t("remove"),
                danger: true,
                onConfirm: () => remove.mutateAsync(person),
              })
            }
          >
            {t("remove")}
          </Button>
        </Group>
      ),
    },
  ];
  return <DataTable caption={t("people")} columns={columns} rows={people} rowKey={({ id }) => id} />;
}
