import { Anchor, Group, List, Text, Title } from "@mantine/core";
import { IconExternalLink } from "@tabler/icons-react";
import { Link } from "react-router";
import type { Attempt, Delivery, Lead } from "../../api/types.ts";
import { StateBadge } from "../../components/state-badge.tsx";
import { Moment, TimeAgo, TimeTo } from "../../components/time-ago.tsx";
import { useDestinationName } from "../../components/use-destination-name.ts";
import { OutsideLink, VisitorText } from "../../components/visitor-text.tsx";
import { useFormat } from "../../i18n/format.ts";
import { leadWords } from "../../i18n/lead.ts";
import { useWords } from "../../i18n/words.ts";
import { DeliveryActs } from "./delivery-acts.tsx";
import classes from "./lead.module.css";

const followUps = {
  "lead.created": null,
  "consent.granted": "followUpGranted",
  "consent.withdrawn": "followUpWithdrawn",
  "lead.erased": "followUpErased",
  "confirmation.requested": "followUpConfirmation",
} as const;

type DeliveryStepProps = {
  lead: Lead;
  delivery: Delivery;
  /** The lead on the vendor's own screen. */
  link: string | null;
  /** Since when it is known not to be there any more; null when it is not known to be missing. */
  missingSince: string | null;
};

/** One destination's part of the way. */
export function DeliveryStep({ lead, delivery, link, missingSince }: DeliveryStepProps) {
  const t = useWords(leadWords);
  const nameOf = useDestinationName();
  const { destination, state, attempts, next_attempt_at, reason, ref, warnings } = delivery;
  const followUp = followUps[delivery.event];
  return (
    <>
      <Group gap="xs" justify="space-between" wrap="nowrap" align="flex-start">
        <Title order={3} fz="md" className={classes.destination}>
          <Link to={`/destinations/${encodeURIComponent(destination)}`}>{nameOf(destination)}</Link>
        </Title>
        <StateBadge state={state} />
      </Group>
      {followUp && (
        <Text size="sm" c="dimmed">
          {t(followUp)}
        </Text>
      )}
      {attempts.length > 0 && (
        <List listStyleType="none" size="sm" spacing={2} mt={4}>
          {attempts.map((attempt) => (
            <List.Item key={attempt.n}>
              <AttemptLine attempt={attempt} />
            </List.Item>
          ))}
        </List>
      )}
      {reason !== null && state !== "delivered" && reason.message !== attempts.at(-1)?.reason?.message && (
        <Text size="sm" mt={4}>
          {reason.message}
        </Text>
      )}
      {next_attempt_at !== null && state === "pending" && (
        <Text size="sm" mt={4}>
          {t("next")}: <TimeTo at={next_attempt_at} />
        </Text>
      )}
      {missingSince !== null && (
        <Text size="sm" c="var(--bad)" mt={4}>
          {t("missingThere")} <Moment at={missingSince} />.{" "}
          <Anchor component={Link} to="/completeness" size="sm">
            {t("toCompleteness")}
          </Anchor>
        </Text>
      )}
      {warnings.map((warning) => (
        <Text key={warning} size="sm" c="var(--warn)" component="div" mt={4}>
          <VisitorText text={warning} limit={400} />
        </Text>
      ))}
      <Group gap="xs" mt={6}>
        {link !== null && (
          <OutsideLink href={link}>
            <Text span size="sm">
              {t("openThere")} <IconExternalLink size={14} aria-hidden style={{ verticalAlign: "-2px" }} />
            </Text>
          </OutsideLink>
        )}
        {link === null && ref !== null && (
          <Text size="xs" c="dimmed" className={classes.destination}>
            <bdi>{t("refThere", { ref })}</bdi>
          </Text>
        )}
        {lead.state !== "quarantined" && <DeliveryActs lead={lead} delivery={delivery} />}
      </Group>
    </>
  );
}

function AttemptLine({ attempt }: { attempt: Attempt }) {
  const t = useWords(leadWords);
  const format = useFormat();
  const { n, started_at, duration_ms, outcome, status, reason } = attempt;
  const facts = [
    t(`outcome-${outcomeIn(outcome)}`),
    status === null ? null : t("status", { status: String(status) }),
    duration_ms === null ? null : format.span(duration_ms),
  ].filter((fact) => fact !== null);
  return (
    <div>
      <Text span size="sm" fw={600}>
        {t("attempt", { n })}
      </Text>{" "}
      <Text span size="sm" c="dimmed">
        <TimeAgo at={started_at} /> · {facts.join(" · ")}
      </Text>
      {reason !== null && (
        <Text size="sm" c={outcome === "rejected" || outcome === "blocked" ? "var(--bad)" : "inherit"}>
          {reason.message}
        </Text>
      )}
    </div>
  );
}

function outcomeIn(outcome: string | null) {
  const known = ["delivered", "retry", "uncertain", "rejected", "blocked"] as const;
  return known.find((each) => each === outcome) ?? "none";
}
