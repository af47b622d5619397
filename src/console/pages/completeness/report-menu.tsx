import { Button, Menu, Text } from "@mantine/core";
import { IconChevronDown, IconFileCertificate } from "@tabler/icons-react";
import { reportPath } from "../../api/completeness.ts";
import { completenessWords } from "../../i18n/completeness.ts";
import { useWords } from "../../i18n/words.ts";

/** Saves the signed report of a complete look. */
export function ReportMenu({ id }: { id: string }) {
  const t = useWords(completenessWords);
  return (
    <Menu position="bottom-end" width={260}>
      <Menu.Target>
        <Button
          variant="default"
          leftSection={<IconFileCertificate size={16} aria-hidden />}
          rightSection={<IconChevronDown size={14} aria-hidden />}
        >
          {t("report")}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>
          <Text size="xs">{t("reportHint")}</Text>
        </Menu.Label>
        <Menu.Item component="a" href={reportPath(id, "html")} download>
          {t("reportHtml")}
        </Menu.Item>
        <Menu.Item component="a" href={reportPath(id, "json")} download>
          {t("reportJson")}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
