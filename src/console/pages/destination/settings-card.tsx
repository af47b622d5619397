import { Anchor, Card, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { destinationsQuery, setupQuery } from "../../api/queries.ts";
import { useMay } from "../../api/session.ts";
import type { DestinationDetail } from "../../api/types.ts";
import { Facts } from "../../components/facts.tsx";
import { useNow } from "../../components/now.ts";
import { TimeTo } from "../../components/time-ago.tsx";
import { destinationWords } from "../../i18n/destination.ts";
import { type Format, useFormat } from "../../i18n/format.ts";
import { useWords } from "../../i18n/words.ts";
import { variablesOf } from "./variables-of.ts";

/** How the destination is set up, and where to change it: not here. */
export function SettingsCard({ destination }: { destination: DestinationDetail }) {
  const t = useWords(destinationWords);
  const format = useFormat();
  const { id, kind, purpose, basis, role, recipient, pace, concurrency, under_way, batch_size } = destination;
  const basisWord = bases.find((one) => one === basis);
  const roleWord = roles.find((one) => one === role);
  const waits = waitsOf(destination.schedule_ms, format);
  return (
    <Card component="section" aria-labelledby="settings" h="100%">
      <Title order={2} id="settings">
        {t("settings")}
      </Title>
      <Text size="sm" c="dimmed" mb="md">
        {t("settingsHint")}
      </Text>
      <Facts
        facts={[
          { key: "variables", name: t("variables"), value: <VariableNames destination={destination} /> },
          {
            key: "pace",
            name: t("pace"),
            value: pace ? <Pace pace={pace} /> : t("paceFree"),
          },
          {
            key: "concurrency",
            name: t("concurrency"),
            value: t("concurrencyNow", { count: under_way, limit: concurrency }),
          },
          { key: "batch", name: t("batch"), value: batch_size > 1 ? t("batchOf", { count: batch_size }) : null },
          { key: "timeout", name: t("timeout"), value: format.span(destination.timeout_ms) },
          {
            key: "schedule",
            name: t("schedule"),
            value: waits.more > 0 ? `${waits.shown} ${t("more", { count: waits.more })}` : waits.shown,
          },
          { key: "purpose", name: t("purpose"), value: purpose },
          { key: "basis", name: t("basis"), value: basisWord ? t(`basis-${basisWord}`) : basis },
          { key: "role", name: t("role"), value: roleWord ? t(`role-${roleWord}`) : role },
          { key: "recipient", name: t("recipient"), value: recipient },
          { key: "id", name: t("id"), value: id },
          { key: "kind", name: t("kind"), value: kind },
        ]}
      />
    </Card>
  );
}

function Pace({ pace }: { pace: NonNullable<DestinationDetail["pace"]> }) {
  const t = useWords(destinationWords);
  const format = useFormat();
  const now = useNow();
  const { limit, interval_ms, left, next_at } = pace;
  // Mostly it is a matter of milliseconds, over before it is read.
  const waits = next_at !== null && Date.parse(next_at) - now >= 10_000;
  return (
    <>
      {t("paceOf", { limit, span: format.span(interval_ms) })}
      {left !== null && left > 0 && ` · ${t("paceLeft", { count: left })}`}
      {next_at !== null && ` · ${t("paceUsed")}`}
      {waits && (
        <>
          {" "}
          {t("paceNext")} <TimeTo at={next_at} />
        </>
      )}
    </>
  );
}

const bases = [
  "consent",
  "legitimate-interest",
  "contract",
  "answering-the-enquiry",
  "nothing-personal",
  "legal-obligation",
] as const;
const roles = ["processor", "controller"] as const;
const shownWaits = 12;

function waitsOf(schedule: readonly number[], format: Format): { shown: string; more: number } {
  return {
    shown: schedule.slice(0, shownWaits).map(format.span).join(" · "),
    more: Math.max(0, schedule.length - shownWaits),
  };
}

/** Which variables are this destination's, where the viewer may see the set-up. */
function VariableNames({ destination }: { destination: DestinationDetail }) {
  const t = useWords(destinationWords);
  const mayOperate = useMay("operate");
  const { data } = useQuery({ ...setupQuery, enabled: mayOperate });
  const others = useQuery(destinationsQuery).data ?? [];
  if (!mayOperate) return null;
  const names = variablesOf(destination, data?.variables ?? [], others);
  return (
    <>
      {names.length > 0 && (
        <>
          {names.map((name, index) => (
            <span key={name}>
              {index > 0 && ", "}
              <code>{name}</code>
            </span>
          ))}
          {" · "}
        </>
      )}
      <Anchor component={Link} to="/setup" size="sm" underline="always">
        {t("toSetup")}
      </Anchor>
    </>
  );
}
