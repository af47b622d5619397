import { Button, Menu } from "@mantine/core";
import { IconChevronDown, IconEyeSearch } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { readBack } from "../../api/completeness.ts";
import { keys } from "../../api/keys.ts";
import { destinationsQuery } from "../../api/queries.ts";
import { useAct } from "../../api/use-act.ts";
import { useNotify } from "../../components/notify.tsx";
import { completenessWords } from "../../i18n/completeness.ts";
import { useWords } from "../../i18n/words.ts";

/** Looks now: at everything, or at one destination. `busy`: one is under way, and only one can be. */
export function ReadBackMenu({ busy }: { busy: boolean }) {
  const t = useWords(completenessWords);
  const notify = useNotify();
  const destinations = useQuery(destinationsQuery).data ?? [];
  const look = useAct(readBack, {
    changes: [keys.completeness],
    onDone: () => notify.done(t("begun")),
  });
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <Button
          leftSection={<IconEyeSearch size={16} aria-hidden />}
          rightSection={<IconChevronDown size={14} aria-hidden />}
          loading={look.isPending}
          disabled={busy}
        >
          {t("now")}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item onClick={() => look.mutate(null)}>{t("everything")}</Menu.Item>
        <Menu.Divider />
        {destinations.map(({ id, label }) => (
          <Menu.Item key={id} onClick={() => look.mutate(id)}>
            {label}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
