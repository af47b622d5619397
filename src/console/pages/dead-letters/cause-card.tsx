import { Anchor, Button, Card, Group, List, Text, Title } from "@mantine/core";
import { IconHandStop, IconRefresh } from "@tabler/icons-react";
import { Link } from "react-router";
import { useMay } from "../../api/session.ts";
import { ButtonLink } from "../../components/button-link.tsx";
import { TimeAgo } from "../../components/time-ago.tsx";
import { VisitorText } from "../../components/visitor-text.tsx";
import { deadLettersWords } from "../../i18n/dead-letters.ts";
import { useFormat } from "../../i18n/format.ts";
import { useWords } from "../../i18n/words.ts";
import { leadsPath } from "../leads/filter.ts";
import type { Cause } from "./causes.ts";

type CauseCardProps = { cause: Cause; label: string; busy: boolean; replay: () => void; handled: () => void };

const shownMessages = 3;

/** Dead letters of one cause: what the destination said, how many, and what to do about them. */
export function CauseCard({ cause, label, busy, replay, handled }: CauseCardProps) {
  const t = useWords(deadLettersWords);
  const format = useFormat();
  const mayOperate = useMay("operate");
  const { destination, code, count, oldest, newest, messages } = cause;
  const byHand = code === "by_hand";
  const said = messages[0]?.message ?? code;
  const handledButton = (
    <Button
      size="xs"
      variant={byHand ? "filled" : "default"}
      leftSection={<IconHandStop size={16} aria-hidden />}
      onClick={handled}
      aria-label={t("handledNamed", { destination: label, cause: said })}
    >
      {t("handled")}
    </Button>
  );
  return (
    <Card component="article" aria-label={`${label}: ${said}`}>
      <Group justify="space-between" align="flex-start" gap="md">
        <div style={{ flex: "1 1 20rem", minWidth: 0 }}>
          <Title order={2} mb={4}>
            <Anchor component={Link} to={`/destinations/${encodeURIComponent(destination)}`} inherit>
              {label}
            </Anchor>
          </Title>
          <List listStyleType="none" spacing={2}>
            {messages.slice(0, shownMessages).map(({ message, status, count: some }) => (
              <List.Item key={`${message} ${status}`}>
                <Text component="div">
                  {messages.length > 1 && (
                    <Text span fw={600} className="numbers">
                      {format.number(some)} ×{" "}
                    </Text>
                  )}
                  <VisitorText
                    text={withStatus(message, status, (n) => t("status", { status: String(n) }))}
                    limit={500}
                  />
                </Text>
              </List.Item>
            ))}
          </List>
          {messages.length > shownMessages && (
            <Text size="sm" c="dimmed">
              {t("messages", { count: messages.length - shownMessages })}
            </Text>
          )}
          <Text size="sm" c="dimmed" mt={4}>
            <code>{code}</code> · <Period oldest={oldest} newest={newest} />
          </Text>
        </div>
        <Text fw={650} fz="xl" c="var(--bad)" className="numbers">
          {t("letters", { count })}
        </Text>
      </Group>
      {byHand && (
        <Text size="sm" mt="xs">
          {t("onlyByHand")}
        </Text>
      )}
      <Group gap="xs" mt="md">
        {mayOperate && byHand && handledButton}
        {mayOperate && (
          <Button
            size="xs"
            variant={byHand ? "default" : "filled"}
            leftSection={<IconRefresh size={16} aria-hidden />}
            loading={busy}
            onClick={replay}
            aria-label={t("replayNamed", { destination: label, cause: said })}
          >
            {t("replay")}
          </Button>
        )}
        {mayOperate && !byHand && handledButton}
        <ButtonLink size="xs" variant="default" to={leadsPath({ destination, delivery: "dead", code })}>
          {t("leads")}
        </ButtonLink>
      </Group>
    </Card>
  );
}

function Period({ oldest, newest }: { oldest: string; newest: string }) {
  const t = useWords(deadLettersWords);
  const format = useFormat();
  const [first, last] = [format.short(oldest), format.short(newest)];
  return first === last ? <TimeAgo at={newest} /> : t("between", { oldest: first, newest: last });
}

/** Many messages name the status themselves. */
function withStatus(message: string, status: number | null, say: (status: number) => string): string {
  return status === null || message.includes(String(status)) ? message : `${message} (${say(status)})`;
}
