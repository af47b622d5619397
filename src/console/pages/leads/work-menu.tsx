import { Menu, UnstyledButton } from "@mantine/core";
import { IconUserMinus, IconUserPlus } from "@tabler/icons-react";
import { useMay, useSession } from "../../api/session.ts";
import type { Stage, Work } from "../../api/types.ts";
import { useNoteWork } from "../../api/work.ts";
import { StateBadge } from "../../components/state-badge.tsx";
import { leadsWords } from "../../i18n/leads.ts";
import { states } from "../../i18n/states.ts";
import { useWords } from "../../i18n/words.ts";

const stages: readonly Stage[] = ["new", "working", "done"];

/** How far people have got with a lead, and the menu that changes it. */
export function WorkMenu({ id, name, work }: { id: string; name: string; work: Work }) {
  const t = useWords(leadsWords);
  const word = useWords(states);
  const { person } = useSession();
  const mayOperate = useMay("operate");
  const { mutate } = useNoteWork();
  const badge = <StateBadge state={`stage-${work.stage}`} />;
  if (!mayOperate) return badge;

  const me = person?.name ?? null;
  function moveTo(stage: Stage): void {
    mutate({ id, change: { stage }, before: work, told: t("moved", { name, stage: word(`stage-${stage}`) }) });
  }
  return (
    <Menu position="bottom-end" width={230}>
      <Menu.Target>
        <UnstyledButton aria-label={t("workOf", { name, stage: word(`stage-${work.stage}`) })}>{badge}</UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.RadioGroup value={work.stage} onChange={(value) => moveTo(value as Stage)}>
          {stages.map((stage) => (
            <Menu.RadioItem key={stage} value={stage} closeMenuOnClick>
              <StateBadge state={`stage-${stage}`} />
            </Menu.RadioItem>
          ))}
        </Menu.RadioGroup>
        <Menu.Divider />
        {me !== null && work.assignee !== me && (
          <Menu.Item
            leftSection={<IconUserPlus size={16} aria-hidden />}
            onClick={() =>
              mutate({ id, change: { assignee: me }, before: work, told: t("assigned", { name, assignee: me }) })
            }
          >
            {t("take")}
          </Menu.Item>
        )}
        {work.assignee !== null && (
          <Menu.Item
            leftSection={<IconUserMinus size={16} aria-hidden />}
            onClick={() => mutate({ id, change: { assignee: null }, before: work, told: t("unassigned", { name }) })}
          >
            {t("nobody")}
          </Menu.Item>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}
