import { Button, Menu } from "@mantine/core";
import { IconBraces, IconDownload, IconFileTypeCsv } from "@tabler/icons-react";
import type { LeadsFilter } from "../../api/types.ts";
import { leadsWords } from "../../i18n/leads.ts";
import { useWords } from "../../i18n/words.ts";

/** Downloads of what the filter shows, streamed by the API. */
export function ExportMenu({ filter }: { filter: LeadsFilter }) {
  const t = useWords(leadsWords);
  const href = (format: "csv" | "json"): string => {
    const set = Object.entries(filter).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]));
    return `/api/v1/leads/export?${new URLSearchParams([...set, ["format", format]])}`;
  };
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <Button variant="default" leftSection={<IconDownload size={16} aria-hidden />}>
          {t("export")}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{t("exportHint")}</Menu.Label>
        <Menu.Item component="a" href={href("csv")} download leftSection={<IconFileTypeCsv size={18} aria-hidden />}>
          {t("exportCsv")}
        </Menu.Item>
        <Menu.Item component="a" href={href("json")} download leftSection={<IconBraces size={18} aria-hidden />}>
          {t("exportJson")}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
