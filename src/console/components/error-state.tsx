import { Alert, Button, Text } from "@mantine/core";
import { IconPlugConnectedX, IconRefresh } from "@tabler/icons-react";
import { common } from "../i18n/common.ts";
import { useWords } from "../i18n/words.ts";
import { useProblemWords } from "./use-problem-words.ts";

/** What stands where something could not be had, with the way to try again. */
export function ErrorState({ error, retry }: { error: unknown; retry?: () => void }) {
  const t = useWords(common);
  const { title, cure } = useProblemWords()(error);
  return (
    <Alert
      color="red"
      variant="default"
      role="alert"
      title={title}
      icon={<IconPlugConnectedX color="var(--bad)" aria-hidden />}
    >
      {cure !== null && <Text size="sm">{cure}</Text>}
      {retry && (
        <Button mt="sm" size="xs" variant="default" leftSection={<IconRefresh size={16} aria-hidden />} onClick={retry}>
          {t("retry")}
        </Button>
      )}
    </Alert>
  );
}
