import { Skeleton, Stack, VisuallyHidden } from "@mantine/core";
import { common } from "../i18n/common.ts";
import { useWords } from "../i18n/words.ts";

/** The room that rows will take while they are on their way. */
export function LoadingRows({ rows = 6, height = 44 }: { rows?: number; height?: number }) {
  const t = useWords(common);
  return (
    <Stack gap="xs" aria-busy>
      <VisuallyHidden role="status">{t("loading")}</VisuallyHidden>
      {Array.from({ length: rows }, (_, index) => index).map((row) => (
        <Skeleton key={row} height={height} radius="md" />
      ))}
    </Stack>
  );
}
