import { Center, Loader } from "@mantine/core";
import { common } from "../i18n/common.ts";
import { useWords } from "../i18n/words.ts";

/** While the first page is on its way. */
export function StartUp() {
  const t = useWords(common);
  return (
    <Center h="60vh">
      <Loader aria-label={t("loading")} role="status" />
    </Center>
  );
}
