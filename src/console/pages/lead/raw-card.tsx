import { Button, Card, Code, Group, Stack, Text, Title } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import type { Lead } from "../../api/types.ts";
import { CopyButton } from "../../components/copy-button.tsx";
import { Facts } from "../../components/facts.tsx";
import { VisitorText } from "../../components/visitor-text.tsx";
import { leadWords } from "../../i18n/lead.ts";
import { useWords } from "../../i18n/words.ts";

export function RawCard({ lead }: { lead: Lead }) {
  const t = useWords(leadWords);
  const [open, { toggle }] = useDisclosure(false);
  return (
    <Card component="section" aria-labelledby="raw">
      <Group justify="space-between" align="flex-start" wrap="nowrap">
        <div>
          <Title order={2} id="raw">
            {t("raw")}
          </Title>
          <Text size="sm" c="dimmed">
            {t("rawHint")}
          </Text>
        </div>
        <Button variant="default" size="xs" onClick={toggle} aria-expanded={open} flex="none">
          {open ? t("hideRaw") : t("showRaw")}
        </Button>
      </Group>
      {open && <Raw lead={lead} />}
    </Card>
  );
}

function Raw({ lead }: { lead: Lead }) {
  const t = useWords(leadWords);
  const json = JSON.stringify(lead.form_data, null, 2);
  return (
    <Stack mt="md">
      <Code block component="div" style={{ whiteSpace: "normal" }}>
        <VisitorText text={json} limit={3_000} />
      </Code>
      <Group>
        <CopyButton value={json} />
      </Group>
      <Facts
        facts={[
          { key: "id", name: t("leadId"), value: <code>{lead.lead_id}</code> },
          { key: "ip", name: t("address"), value: lead.ip_address && <code>{lead.ip_address}</code> },
          {
            key: "agent",
            name: t("userAgent"),
            value: lead.user_agent && <VisitorText text={lead.user_agent} limit={300} />,
          },
        ]}
      />
    </Stack>
  );
}
