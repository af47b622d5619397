import { Card, Table, Text, Title } from "@mantine/core";
import type { Lead } from "../../api/types.ts";
import { useNarrow } from "../../components/data-table.tsx";
import { Facts } from "../../components/facts.tsx";
import { OutsideLink, VisitorText } from "../../components/visitor-text.tsx";
import { useFormat } from "../../i18n/format.ts";
import { leadWords } from "../../i18n/lead.ts";
import { useWords } from "../../i18n/words.ts";

type Texts = Record<string, string | null>;
type Visit = { key: "thisPage" | "firstTouch" | "lastTouch" | "lastClick"; values: Texts };

/** Where the person came from: this visit beside the first and the latest, as far as the browser kept them. */
export function AttributionCard({ source }: { source: Lead["source"] }) {
  const t = useWords(leadWords);
  const visits = visitsIn(source);
  const consentState = textsAt(source, "consent_state");
  return (
    <Card component="section" aria-labelledby="attribution">
      <Title order={2} id="attribution" mb="sm">
        {t("attribution")}
      </Title>
      {visits.length === 0 ? <Text c="dimmed">{t("noAttribution")}</Text> : <Visits visits={visits} />}
      {Object.keys(consentState).length > 0 && (
        <>
          <Title order={3} fz="sm" mt="md" mb={6}>
            {t("consentState")}
          </Title>
          <Facts facts={Object.entries(consentState).map(([key, value]) => ({ key, name: key, value }))} />
        </>
      )}
    </Card>
  );
}

function Visits({ visits }: { visits: Visit[] }) {
  const t = useWords(leadWords);
  const narrow = useNarrow();
  const names = [...new Set(visits.flatMap(({ values }) => Object.keys(values).filter((name) => values[name])))];
  if (narrow || visits.length === 1)
    return visits.map(({ key, values }) => (
      <div key={key}>
        {visits.length > 1 && (
          <Title order={3} fz="sm" mt="sm" mb={6}>
            {t(key)}
          </Title>
        )}
        <Facts
          facts={names
            .map((name) => ({
              key: name,
              name: <Name name={name} />,
              value: <Value name={name} value={values[name]} />,
            }))
            .filter(({ key: name }) => values[name])}
        />
      </div>
    ));
  return (
    <Table.ScrollContainer minWidth={480}>
      <Table verticalSpacing={6} fz="sm" layout="fixed" aria-labelledby="attribution">
        <Table.Thead>
          <Table.Tr>
            <Table.Td w="8.5rem" />
            {visits.map(({ key }) => (
              <Table.Th key={key}>{t(key)}</Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {names.map((name) => (
            <Table.Tr key={name}>
              <Table.Th scope="row" fw={400} c="dimmed" style={{ overflowWrap: "anywhere" }}>
                <Name name={name} />
              </Table.Th>
              {visits.map(({ key, values }) => (
                <Table.Td key={key} style={{ verticalAlign: "top" }}>
                  <Value name={name} value={values[name]} />
                </Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

function Name({ name }: { name: string }) {
  const t = useWords(leadWords);
  return name === "url" || name === "referrer" || name === "at" ? t(name) : <bdi>{name}</bdi>;
}

function Value({ name, value }: { name: string; value: string | null | undefined }) {
  const format = useFormat();
  if (!value) return null;
  if (name === "url" || name === "referrer") return <OutsideLink href={value} />;
  if (name === "at" && !Number.isNaN(Date.parse(value))) return <time dateTime={value}>{format.short(value)}</time>;
  return <VisitorText text={value} limit={160} />;
}

function visitsIn(source: Lead["source"]): Visit[] {
  const here = Object.fromEntries(
    Object.entries(source).filter((entry): entry is [string, string] => typeof entry[1] === "string"),
  );
  const all: Visit[] = [
    { key: "thisPage", values: here },
    { key: "firstTouch", values: textsAt(source, "first_touch") },
    { key: "lastTouch", values: textsAt(source, "last_touch") },
    { key: "lastClick", values: textsAt(source, "last_click") },
  ];
  return all.filter(({ values }) => Object.values(values).some((value) => value));
}

function textsAt(source: Lead["source"], name: string): Texts {
  const value = source[name];
  return typeof value === "object" && value !== null ? value : {};
}
