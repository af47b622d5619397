import { ModalsProvider } from "@mantine/modals";
import type { ReactNode } from "react";
import { common } from "../i18n/common.ts";
import { useWords } from "../i18n/words.ts";

/** Where `modals.open` shows its dialogs, each with a close button that has a name. */
export function Dialogs({ children }: { children: ReactNode }) {
  const t = useWords(common);
  return <ModalsProvider modalProps={{ closeButtonProps: { "aria-label": t("close") } }}>{children}</ModalsProvider>;
}
