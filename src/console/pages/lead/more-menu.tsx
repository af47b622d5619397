import { ActionIcon, Menu } from "@mantine/core";
import { useClipboard } from "@mantine/hooks";
import { IconDots, IconEraser, IconFileZip, IconLink, IconShieldX } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import { useMay } from "../../api/session.ts";
import { exportSubject } from "../../api/subjects.ts";
import type { Lead } from "../../api/types.ts";
import { useNotify } from "../../components/notify.tsx";
import { common } from "../../i18n/common.ts";
import { leadWords } from "../../i18n/lead.ts";
import { spamWords } from "../../i18n/spam.ts";
import { useWords } from "../../i18n/words.ts";
import { openErasure } from "./erasure.tsx";
import { openMarkAsSpam } from "./mark-as-spam.tsx";

/** What one seldom does with a lead: share it, hold it back as spam, export the person, erase the person. */
export function MoreMenu({ lead, name }: { lead: Lead; name: string }) {
  const t = useWords(leadWords);
  const tCommon = useWords(common);
  const tSpam = useWords(spamWords);
  const mayOperate = useMay("operate");
  const notify = useNotify();
  const clipboard = useClipboard();
  const mayErase = useMay("erase") && !lead.masked;
  const identifier = lead.email ?? lead.phone;
  const exporting = useMutation({ mutationFn: exportSubject, onError: notify.failed });
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon variant="default" size={36} aria-label={t("more")} loading={exporting.isPending}>
          <IconDots size={18} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item
          leftSection={<IconLink size={17} aria-hidden />}
          onClick={() => {
            clipboard.copy(window.location.href);
            notify.done(tCommon("copied"));
          }}
        >
          {t("copyLink")}
        </Menu.Item>
        {mayOperate && lead.state !== "erased" && (
          <Menu.Item
            leftSection={<IconShieldX size={17} aria-hidden />}
            onClick={() => openMarkAsSpam(lead.lead_id, tSpam("markTitle"))}
          >
            {tSpam("mark")}
          </Menu.Item>
        )}
        {mayErase && (
          <>
            <Menu.Item
              leftSection={<IconFileZip size={17} aria-hidden />}
              disabled={identifier === null}
              onClick={() => identifier !== null && exporting.mutate(identifier)}
            >
              {t("exportPerson")}
            </Menu.Item>
            <Menu.Divider />
            <Menu.Item
              color="red"
              leftSection={<IconEraser size={17} aria-hidden />}
              disabled={identifier === null}
              onClick={() =>
                identifier !== null &&
                openErasure({ identifier, leadId: lead.lead_id, title: `${t("erasePerson")} ${name}` })
              }
            >
              {t("erasePerson")}
            </Menu.Item>
            {identifier === null && <Menu.Label>{t("noContact")}</Menu.Label>}
          </>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}
