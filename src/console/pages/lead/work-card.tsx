import { Button, Card, Group, SegmentedControl, Stack, Text, Textarea, TextInput, Title } from "@mantine/core";
import { useEffect, useState } from "react";
import { useMay, useSession } from "../../api/session.ts";
import type { Lead, Stage } from "../../api/types.ts";
import { useNoteWork } from "../../api/work.ts";
import { StateBadge } from "../../components/state-badge.tsx";
import { VisitorText } from "../../components/visitor-text.tsx";
import { common } from "../../i18n/common.ts";
import { leadWords } from "../../i18n/lead.ts";
import { leadsWords } from "../../i18n/leads.ts";
import { states } from "../../i18n/states.ts";
import { useWords } from "../../i18n/words.ts";

const stages: readonly Stage[] = ["new", "working", "done"];

/** How far people have got: the stage takes effect at once, who and what with Save. */
export function WorkCard({ lead, name }: { lead: Lead; name: string }) {
  const t = useWords(leadWords);
  const mayOperate = useMay("operate");
  return (
    <Card component="section" aria-labelledby="work">
      <Title order={2} id="work" mb="sm">
        {t("work")}
      </Title>
      {mayOperate ? <Editable lead={lead} name={name} /> : <Shown lead={lead} />}
    </Card>
  );
}

function Editable({ lead: { lead_id: id, work }, name }: { lead: Lead; name: string }) {
  const t = useWords(leadWords);
  const tList = useWords(leadsWords);
  const tCommon = useWords(common);
  const word = useWords(states);
  const { person } = useSession();
  const { mutate, isPending } = useNoteWork();
  const [assignee, setAssignee] = useState(work.assignee ?? "");
  const [note, setNote] = useState(work.note ?? "");
  // What someone else noted meanwhile is shown, unless it would take away what is being typed here.
  useEffect(() => setAssignee(work.assignee ?? ""), [work.assignee]);
  useEffect(() => setNote(work.note ?? ""), [work.note]);
  const change = {
    ...(assignee.trim() === (work.assignee ?? "") ? {} : { assignee: assignee.trim() || null }),
    ...(note.trim() === (work.note ?? "") ? {} : { note: note.trim() || null }),
  };
  const changed = Object.keys(change).length > 0;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (changed) mutate({ id, change, before: work, told: t("workSaved") });
      }}
    >
      <Stack gap="sm">
        <SegmentedControl
          fullWidth
          aria-label={t("stage")}
          value={work.stage}
          onChange={(value) => {
            const stage = stages.find((each) => each === value) ?? "new";
            mutate({
              id,
              change: { stage },
              before: work,
              told: tList("moved", { name, stage: word(`stage-${stage}`) }),
            });
          }}
          data={stages.map((stage) => ({ value: stage, label: word(`stage-${stage}`) }))}
        />
        <TextInput
          label={t("assignee")}
          value={assignee}
          maxLength={200}
          onChange={(event) => setAssignee(event.currentTarget.value)}
          rightSectionWidth={90}
          rightSection={
            person && assignee !== person.name ? (
              <Button size="compact-xs" variant="subtle" onClick={() => setAssignee(person.name)}>
                {t("takeIt")}
              </Button>
            ) : null
          }
        />
        <Textarea
          label={t("note")}
          description={t("noteHint")}
          value={note}
          autosize
          minRows={2}
          maxRows={10}
          maxLength={10_000}
          onChange={(event) => setNote(event.currentTarget.value)}
        />
        {changed && (
          <Group justify="flex-end">
            <Button type="submit" size="xs" loading={isPending}>
              {tCommon("save")}
            </Button>
          </Group>
        )}
      </Stack>
    </form>
  );
}

function Shown({ lead: { work } }: { lead: Lead }) {
  return (
    <Stack gap="xs" align="flex-start">
      <StateBadge state={`stage-${work.stage}`} />
      {work.assignee !== null && (
        <Text size="sm">
          <bdi>{work.assignee}</bdi>
        </Text>
      )}
      {work.note !== null && <VisitorText text={work.note} />}
    </Stack>
  );
}
