import { Alert, Button, Group, Stack, Text, TextInput } from "@mantine/core";
import { modals } from "@mantine/modals";
import { IconAlertTriangle } from "@tabler/icons-react";
import { type FormEvent, type ReactNode, useState } from "react";
import { common } from "../i18n/common.ts";
import { useWords } from "../i18n/words.ts";
import { useProblemWords } from "./use-problem-words.ts";

type Question = {
  title: string;
  children: ReactNode;
  /** What the button says: the act itself, never "OK". */
  act: string;
  /** Must be typed before the button works: for what cannot be undone. */
  word?: string;
  danger?: boolean;
  /** The dialog stays open, and says why, when this fails. */
  onConfirm(): Promise<unknown> | unknown;
};

/** Asks before something is done that many are concerned by. */
export function askToConfirm(question: Question): void {
  const modalId = modals.open({
    title: question.title,
    children: <Confirm {...question} close={() => modals.close(modalId)} />,
  });
}

/** Asks before something is done that cannot be undone: the word has to be typed. */
export function confirmByTyping(question: Question & { word: string }): void {
  askToConfirm({ danger: true, ...question });
}

function Confirm({ children, act, word, danger, onConfirm, close }: Question & { close: () => void }) {
  const t = useWords(common);
  const problemWords = useProblemWords();
  const [typed, setTyped] = useState("");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const ready = word === undefined || typed.trim() === word;

  async function confirm(event: FormEvent): Promise<void> {
    event.preventDefault();
    if (!ready || busy) return;
    setBusy(true);
    setError(null);
    try {
      await onConfirm();
      close();
    } catch (failure) {
      setError(failure);
    }
    setBusy(false);
  }

  return (
    <form onSubmit={confirm}>
      <Stack gap="md">
        <div>{children}</div>
        {word !== undefined && (
          <>
            <Text size="sm" fw={600} c="var(--bad)">
              {t("cannotUndo")}
            </Text>
            <TextInput
              label={t("typeToConfirm", { word })}
              value={typed}
              onChange={(event) => setTyped(event.currentTarget.value)}
              autoComplete="off"
              data-autofocus
            />
          </>
        )}
        {error !== null && (
          <Alert
            variant="default"
            role="alert"
            icon={<IconAlertTriangle color="var(--bad)" aria-hidden />}
            title={problemWords(error).title}
          >
            {problemWords(error).cure}
          </Alert>
        )}
        <Group justify="flex-end">
          <Button variant="default" onClick={close}>
            {t("cancel")}
          </Button>
          <Button type="submit" color={danger ? "red" : "accent"} disabled={!ready} loading={busy}>
            {act}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
