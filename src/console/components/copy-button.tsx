import { ActionIcon, Button, CopyButton as Copy, Tooltip } from "@mantine/core";
import { IconCheck, IconCopy } from "@tabler/icons-react";
import { common } from "../i18n/common.ts";
import { useWords } from "../i18n/words.ts";

/** Copies a text. With `what`, a small icon named for what it copies; without, a button that says so. */
export function CopyButton({ value, what }: { value: string; what?: string }) {
  const t = useWords(common);
  return (
    <Copy value={value} timeout={2_000}>
      {({ copied, copy }) => {
        const icon = copied ? <IconCheck size={16} aria-hidden /> : <IconCopy size={16} aria-hidden />;
        if (what === undefined)
          return (
            <Button variant="default" size="xs" leftSection={icon} onClick={copy}>
              {copied ? t("copied") : t("copy")}
            </Button>
          );
        const label = copied ? t("copied") : t("copyNamed", { what });
        return (
          <Tooltip label={label}>
            <ActionIcon variant="subtle" color="gray" onClick={copy} aria-label={label}>
              {icon}
            </ActionIcon>
          </Tooltip>
        );
      }}
    </Copy>
  );
}
