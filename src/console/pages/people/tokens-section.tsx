import { Button, Group, Text, Title, VisuallyHidden } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconKey } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { answer, api } from "../../api/client.ts";
import { keys } from "../../api/keys.ts";
import { tokensQuery } from "../../api/queries.ts";
import type { Token } from "../../api/types.ts";
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
import { useWords } from "../../i18n/words.ts";
import { TokenDialog } from "./token-dialog.tsx";

/** Tokens for scripts. */
export function TokensSection() {
  const t = useWords(peopleWords);
  const { data, error, refetch } = useQuery(tokensQuery);
  const [opened, { open, close }] = useDisclosure(false);
  return (
    <section aria-labelledby="tokens">
      <Group justify="space-between" mb={4}>
        <Title order={2} id="tokens">
          {t("tokens")}
        </Title>
        <Button variant="default" leftSection={<IconKey size={16} aria-hidden />} onClick={open}>
          {t("addToken")}
        </Button>
      </Group>
      <Text size="sm" c="dimmed" mb="sm">
        {t("tokensHint")}
      </Text>
      {!data && error ? (
        <ErrorState error={error} retry={() => void refetch()} />
      ) : !data ? (
        <LoadingRows rows={2} />
      ) : data.length === 0 ? (
        <EmptyState Icon={IconKey} title={t("noTokens")}>
          {t("noTokensHint")}
        </EmptyState>
      ) : (
        <Table tokens={data} />
      )}
      <TokenDialog opened={opened} close={close} />
    </section>
  );
}

function Table({ tokens }: { tokens: Token[] }) {
  const t = useWords(peopleWords);
  const tCommon = useWords(common);
  const notify = useNotify();
  const end = useAct(({ id }: Token) => answer(api.tokens[":id"].$delete({ param: { id } })), {
    changes: [keys.tokens],
    onDone: (_, { name }) => notify.done(t("ended", { name })),
  });
  const columns: Column<Token>[] = [
    {
      key: "name",
      title: t("tokenName"),
      cell: ({ name }) => (
        <Text span fw={600} size="sm">
          <bdi>{name}</bdi>
        </Text>
      ),
    },
    { key: "scopes", title: t("scopes"), cell: ({ scopes }) => <code>{scopes.join(", ")}</code> },
    {
      key: "created",
      title: t("created"),
      cell: ({ created_at, created_by }) => (
        <>
          <TimeAgo at={created_at} /> <bdi>{t("createdBy", { name: created_by })}</bdi>
        </>
      ),
    },
    {
      key: "used",
      title: t("lastUsed"),
      cell: ({ last_used_at }) => (last_used_at === null ? tCommon("never") : <TimeAgo at={last_used_at} />),
    },
    {
      key: "acts",
      title: <VisuallyHidden>{t("acts")}</VisuallyHidden>,
      align: "right",
      cell: (token) => (
        <Button
          size="compact-sm"
          variant="default"
          aria-label={t("endNamed", { name: token.name })}
          onClick={() =>
            askToConfirm({
              title: t("endTitle", { name: token.name }),
              children: <Text size="sm">{t("endHint")}</Text>,
              act: t("end"),
              danger: true,
              onConfirm: () => end.mutateAsync(token),
            })
          }
        >
          {t("end")}
        </Button>
      ),
    },
  ];
  return <DataTable caption={t("tokens")} columns={columns} rows={tokens} rowKey={({ id }) => id} />;
}
