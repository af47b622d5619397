import { List, Loader, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { leadQuery } from "../../api/queries.ts";
import type { Lead } from "../../api/types.ts";
import { ErrorState } from "../../components/error-state.tsx";
import { Facts } from "../../components/facts.tsx";
import { VisitorText } from "../../components/visitor-text.tsx";
import { quarantineWords } from "../../i18n/quarantine.ts";
import { useWords } from "../../i18n/words.ts";
import { textOf } from "../lead/text-of.ts";

/** Why a lead is held back, and all it says. */
export function HeldDetails({ id }: { id: string }) {
  const t = useWords(quarantineWords);
  const { data, error, refetch } = useQuery(leadQuery(id));
  if (error) return <ErrorState error={error} retry={() => void refetch()} />;
  if (!data) return <Loader size="sm" mt="sm" />;
  return (
    <Stack gap="sm" mt="sm">
      <div>
        <Text size="sm" fw={600}>
          {t("why")}
        </Text>
        <List size="sm" listStyleType="disc">
          {reasonsOf(data).map(({ code, message }) => (
            <List.Item key={`${code} ${message}`}>
              {code === "quarantined" ? t("reason-quarantined") : <bdi>{message}</bdi>}
            </List.Item>
          ))}
        </List>
      </div>
      <Facts
        facts={Object.entries(data.form_data).map(([field, value]) => ({
          key: field,
          name: <bdi>{field}</bdi>,
          value: <VisitorText text={textOf(value)} limit={600} />,
        }))}
      />
    </Stack>
  );
}

/** What its deliveries are held back for, each reason once. */
function reasonsOf({ deliveries }: Lead): { code: string; message: string }[] {
  const reasons = deliveries.flatMap(({ state, reason }) => (state === "withheld" && reason ? [reason] : []));
  const held = { code: "quarantined", message: "" };
  const each = new Map([...reasons, ...(reasons.length === 0 ? [held] : [])].map((one) => [one.message, one]));
  return [...each.values()];
}
