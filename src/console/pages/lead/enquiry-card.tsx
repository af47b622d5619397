import { Anchor, Card, Divider, Group, Text, Title } from "@mantine/core";
import type { Lead } from "../../api/types.ts";
import { CopyButton } from "../../components/copy-button.tsx";
import { Facts } from "../../components/facts.tsx";
import { VisitorText } from "../../components/visitor-text.tsx";
import { leadWords } from "../../i18n/lead.ts";
import { useWords } from "../../i18n/words.ts";
import { textOf } from "./text-of.ts";

/** What the person wants and how to reach them, then the form's own fields in the order they were sent. */
export function EnquiryCard({ lead }: { lead: Lead }) {
  const t = useWords(leadWords);
  const { name, email, phone, company, timezone, message } = lead;
  const own = ownFields(lead);
  return (
    <Card component="section" aria-labelledby="enquiry">
      <Title order={2} id="enquiry" mb="sm">
        {t("enquiry")}
      </Title>
      {message === null ? (
        <Text c="dimmed" mb="md">
          {t("noMessage")}
        </Text>
      ) : (
        <Text component="div" mb="md">
          <VisitorText text={message} />
        </Text>
      )}
      <Facts
        facts={[
          { key: "name", name: t("name"), value: name && <VisitorText text={name} limit={200} /> },
          {
            key: "email",
            name: t("email"),
            value: email && <Reach text={email} scheme="mailto" masked={lead.masked} what={t("email")} />,
          },
          {
            key: "phone",
            name: t("phone"),
            value: phone && <Reach text={phone} scheme="tel" masked={lead.masked} what={t("phone")} />,
          },
          { key: "company", name: t("company"), value: company && <VisitorText text={company} limit={200} /> },
          { key: "timezone", name: t("timezone"), value: timezone && <VisitorText text={timezone} limit={100} /> },
        ]}
      />
      {own.length > 0 && <Divider my="md" />}
      <Facts
        facts={own.map(([field, text]) => ({
          key: field,
          name: <bdi>{field.length > 80 ? `${field.slice(0, 80)}…` : field}</bdi>,
          value: <VisitorText text={text} limit={600} />,
        }))}
      />
    </Card>
  );
}

const elsewhere = /^(page_url|referrer|gclid|utm_\w+)$/i;

/** The fields that are not said already: by the facts above, or where consent and origin have a place of their own. */
function ownFields(lead: Lead): [string, string][] {
  const { form_data, name, first_name, last_name, email, phone, company, message, timezone } = lead;
  const controls = new Set(lead.consents.map(({ control }) => control));
  const said = new Set(
    [name, first_name, last_name, email, phone, company, message, timezone].map((value) => value?.trim().toLowerCase()),
  );
  return Object.entries(form_data)
    .filter(([field]) => !elsewhere.test(field) && !controls.has(field))
    .map(([field, value]): [string, string] => [field, textOf(value)])
    .filter(([, text]) => text.trim() !== "" && !said.has(text.trim().toLowerCase()));
}

function Reach({
  text,
  scheme,
  masked,
  what,
}: {
  text: string;
  scheme: "mailto" | "tel";
  masked: boolean;
  what: string;
}) {
  if (masked || text.length > 320) return <VisitorText text={text} limit={320} />;
  return (
    <Group gap={4} wrap="nowrap">
      <Anchor href={`${scheme}:${encodeURIComponent(text)}`} style={{ overflowWrap: "anywhere" }} inherit>
        <bdi>{text}</bdi>
      </Anchor>
      <CopyButton value={text} what={what} />
    </Group>
  );
}
