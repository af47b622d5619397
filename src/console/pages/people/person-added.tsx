import { Button, Group, Stack, Text } from "@mantine/core";
import { useSession } from "../../api/session.ts";
import type { Person } from "../../api/types.ts";
import { CopyButton } from "../../components/copy-button.tsx";
import { Facts } from "../../components/facts.tsx";
import { peopleWords } from "../../i18n/people.ts";
import { useWords } from "../../i18n/words.ts";

type PersonAddedProps = { person: Person; password: string; close: () => void };

/** What the new person needs to sign in; the password is to be seen here only. */
export function PersonAdded({ person: { email }, password, close }: PersonAddedProps) {
  const t = useWords(peopleWords);
  const { public_url } = useSession();
  const address = `${(public_url ?? window.location.origin).replace(/\/+$/, "")}/console/sign-in`;
  const copied = (value: string, what: string) => (
    <Group gap={4} wrap="nowrap">
      <code style={{ overflowWrap: "anywhere" }}>{value}</code>
      <CopyButton value={value} what={what} />
    </Group>
  );
  return (
    <Stack role="status">
      <Text size="sm">{t("addedHint")}</Text>
      <Facts
        facts={[
          { key: "address", name: t("signInAt"), value: copied(address, t("signInAt")) },
          { key: "email", name: t("email"), value: copied(email, t("email")) },
          { key: "password", name: t("password"), value: copied(password, t("password")) },
        ]}
      />
      <Group justify="flex-end">
        <Button onClick={close}>{t("passedOn")}</Button>
      </Group>
    </Stack>
  );
}
