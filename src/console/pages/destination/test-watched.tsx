import { Anchor, Group, Loader, Stack, Text } from "@mantine/core";
import { IconCircleCheck, IconCircleX, IconClock, IconExternalLink } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { leadQuery } from "../../api/queries.ts";
import type { Delivery, DestinationDetail } from "../../api/types.ts";
import { OutsideLink, VisitorText } from "../../components/visitor-text.tsx";
import { destinationWords } from "../../i18n/destination.ts";
import { useFormat } from "../../i18n/format.ts";
import { useWords } from "../../i18n/words.ts";

const watchEveryMs = 700;

/** How a test lead fares, until it has arrived or has not. */
export function TestWatched({ lead, destination }: { lead: string; destination: DestinationDetail }) {
  const t = useWords(destinationWords);
  const { data } = useQuery({
    ...leadQuery(lead),
    staleTime: 0,
    refetchInterval: ({ state }) => (isOver(state.data?.deliveries[0]) ? false : watchEveryMs),
  });
  const delivery = data?.deliveries.find((one) => one.destination === destination.id);
  const link = delivery ? (data?.links[delivery.id] ?? null) : null;
  const last = delivery?.attempts.at(-1);
  const reason = last?.reason ?? delivery?.reason ?? null;
  return (
    <Stack gap="sm">
      <div role="status">
        <Verdict delivery={delivery} paused={destination.state === "paused"} />
      </div>
      {reason !== null && delivery?.state !== "delivered" && (
        <Text size="sm" component="div">
          <VisitorText text={reason.message} limit={400} />
        </Text>
      )}
      {delivery?.warnings.map((warning) => (
        <Text key={warning} size="sm" component="div" c="var(--warn)">
          <VisitorText text={warning} limit={400} />
        </Text>
      ))}
      <Group gap="md">
        {link !== null && (
          <OutsideLink href={link}>
            <Text span size="sm">
              {t("openThere")} <IconExternalLink size={14} aria-hidden style={{ verticalAlign: "-2px" }} />
            </Text>
          </OutsideLink>
        )}
        <Anchor component={Link} to={`/leads/${lead}`} size="sm">
          {t("openLead")}
        </Anchor>
      </Group>
    </Stack>
  );
}

function isOver(delivery: Delivery | undefined): boolean {
  return delivery !== undefined && !["pending", "claimed"].includes(delivery.state);
}

function Verdict({ delivery, paused }: { delivery: Delivery | undefined; paused: boolean }) {
  const t = useWords(destinationWords);
  const format = useFormat();
  const last = delivery?.attempts.at(-1);
  if (delivery?.state === "delivered")
    return (
      <Line icon={<IconCircleCheck color="var(--good)" aria-hidden />}>
        {t("testArrived")}
        {typeof last?.duration_ms === "number" && `, ${t("testTook", { span: format.span(last.duration_ms) })}`}
      </Line>
    );
  if (isOver(delivery)) return <Line icon={<IconCircleX color="var(--bad)" aria-hidden />}>{t("testDead")}</Line>;
  if (paused || last?.outcome === "blocked")
    return <Line icon={<IconClock color="var(--warn)" aria-hidden />}>{t("testPaused")}</Line>;
  if (last?.outcome) return <Line icon={<IconClock color="var(--warn)" aria-hidden />}>{t("testWaits")}</Line>;
  return <Line icon={<Loader size="sm" />}>{t("sending")}</Line>;
}

function Line({ icon, children }: { icon: React.ReactNode; children: React.ReactNode }) {
  return (
    <Group gap="sm" wrap="nowrap">
      {icon}
      <Text fw={600}>{children}</Text>
    </Group>
  );
}
