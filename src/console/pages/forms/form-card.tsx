import { Anchor, Button, Card, Collapse, Group, List, Text, Title } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconCalendarStats, IconChevronDown, IconChevronUp, IconCode } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useId } from "react";
import { Link } from "react-router";
import { alertsQuery, destinationsQuery } from "../../api/queries.ts";
import type { FormInfo } from "../../api/types.ts";
import { CopyButton } from "../../components/copy-button.tsx";
import { Facts } from "../../components/facts.tsx";
import { TimeAgo } from "../../components/time-ago.tsx";
import { OutsideLink } from "../../components/visitor-text.tsx";
import { formsWords } from "../../i18n/forms.ts";
import { useWords } from "../../i18n/words.ts";
import { leadsPath } from "../leads/filter.ts";
import { EmbedCode } from "./embed-code.tsx";
import { Rhythm } from "./rhythm.tsx";

type FormCardProps = { form: FormInfo; kind: string; choose: (kind: string) => void; opened: boolean };

/** One form: what came from it, what it asks, where its leads go, and its code. */
export function FormCard({ form, kind, choose, opened }: FormCardProps) {
  const t = useWords(formsWords);
  const [open, { toggle }] = useDisclosure(opened);
  const codeId = useId();
  const [rhythmOpen, rhythm] = useDisclosure(false);
  const rhythmId = useId();
  const alerts = useQuery(alertsQuery).data?.open ?? [];
  const silent = alerts.find(({ subject }) => subject?.type === "form" && subject.id === form.id);
  const { id, name, leads, last_lead_at, configured, origins, thanks, action_url } = form;
  return (
    <Card component="article" aria-label={name}>
      <Group justify="space-between" align="flex-start" gap="xs" mb="md">
        <div style={{ minWidth: 0 }}>
          <Title order={2}>
            <bdi>{name}</bdi>
          </Title>
          <Text size="xs" c="dimmed">
            {id === name ? "" : `${id} · `}
            {t(configured ? "configured" : "notConfigured")}
          </Text>
        </div>
        <Text size="sm" ta={{ base: "left", sm: "right" }}>
          {leads === 0 ? (
            t("noLeads")
          ) : (
            <Anchor component={Link} to={leadsPath({ form: id })} fw={600}>
              {t("leads", { count: leads })}
            </Anchor>
          )}
          {last_lead_at !== null && (
            <Text span size="sm" c="dimmed" display="block">
              {t("last")} <TimeAgo at={last_lead_at} />
            </Text>
          )}
        </Text>
      </Group>
      <Facts
        facts={[
          {
            key: "action",
            name: t("action"),
            value: (
              <Group gap={4} wrap="nowrap">
                <code style={{ overflowWrap: "anywhere" }}>{action_url}</code>
                <CopyButton value={action_url} what={t("actionNamed", { form: name })} />
              </Group>
            ),
          },
          { key: "origins", name: t("origins"), value: origins.length === 0 ? t("anyOrigin") : origins.join(", ") },
          { key: "destinations", name: t("destinations"), value: <GoesTo ids={form.destinations} /> },
          {
            key: "thanks",
            name: t("thanks"),
            value: thanks === null ? t("builtInThanks") : <OutsideLink href={thanks} />,
          },
          { key: "consents", name: t("consents"), value: <Consents consents={form.consents} /> },
        ]}
      />
      {silent && (
        <Text size="sm" c="var(--warn)" fw={600} mt="md">
          {t("silent", { count: silent.leads })}
        </Text>
      )}
      <Group mt="md" gap="xs">
        <Button
          size="xs"
          variant="default"
          leftSection={<IconCode size={16} aria-hidden />}
          rightSection={<Chevron open={open} />}
          onClick={toggle}
          aria-expanded={open}
          aria-controls={codeId}
        >
          {t("embed")}
        </Button>
        {leads > 0 && (
          <Button
            size="xs"
            variant="default"
            leftSection={<IconCalendarStats size={16} aria-hidden />}
            rightSection={<Chevron open={rhythmOpen} />}
            onClick={rhythm.toggle}
            aria-expanded={rhythmOpen}
            aria-controls={rhythmId}
          >
            {t("rhythm")}
          </Button>
        )}
      </Group>
      <Collapse expanded={rhythmOpen} id={rhythmId} mt={rhythmOpen ? "md" : 0}>
        {rhythmOpen && <Rhythm form={id} />}
      </Collapse>
      <Collapse expanded={open} id={codeId}>
        {open && <EmbedCode form={name} codes={form.embed} kind={kind} choose={choose} />}
      </Collapse>
    </Card>
  );
}

function Chevron({ open }: { open: boolean }) {
  return open ? <IconChevronUp size={14} aria-hidden /> : <IconChevronDown size={14} aria-hidden />;
}

function GoesTo({ ids }: { ids: string[] | null }) {
  const t = useWords(formsWords);
  const destinations = useQuery(destinationsQuery).data ?? [];
  if (ids === null) return t("allDestinations");
  if (ids.length === 0) return t("noDestinations");
  return ids.map((id, index) => (
    <span key={id}>
      {index > 0 && ", "}
      <Anchor component={Link} to={`/destinations/${encodeURIComponent(id)}`} size="sm">
        {destinations.find((one) => one.id === id)?.label ?? id}
      </Anchor>
    </span>
  ));
}

function Consents({ consents }: { consents: FormInfo["consents"] }) {
  const t = useWords(formsWords);
  if (consents.length === 0) return t("noConsents");
  return (
    <List listStyleType="none" size="sm" spacing={6}>
      {consents.map(({ field, purpose, text, version, locale, recipients, double_opt_in }) => {
        const more = [
          version === null ? null : t("version", { version }),
          locale,
          double_opt_in ? t("doubleOptIn") : null,
          recipients === null ? null : t("recipients", { names: recipients.join(", ") }),
        ].filter((one) => one !== null);
        return (
          <List.Item key={`${field} ${purpose} ${locale} ${version}`}>
            {t("consent", { purpose, field })}
            {more.length > 0 && ` (${more.join(", ")})`}
            <Text size="sm" c="dimmed">
              {text === null ? t("noWording") : <q lang={locale ?? undefined}>{text}</q>}
            </Text>
          </List.Item>
        );
      })}
    </List>
  );
}
