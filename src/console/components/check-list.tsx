import { Group, List, Text } from "@mantine/core";
import { IconCornerDownRight } from "@tabler/icons-react";
import type { CheckResult } from "../api/types.ts";
import { StateBadge } from "./state-badge.tsx";

/** What a check found, with what to do about it. The findings are the gateway's own words, in English. */
export function CheckList({ results }: { results: readonly CheckResult[] }) {
  return (
    <List
      listStyleType="none"
      spacing="sm"
      styles={{ itemWrapper: { display: "block" }, itemLabel: { display: "block" } }}
    >
      {results.map(({ what, result, detail, cure }) => (
        <List.Item key={`${what} ${detail}`}>
          <Group gap="xs" align="flex-start" wrap="nowrap">
            <StateBadge state={result} />
            <div lang="en" style={{ minWidth: 0, overflowWrap: "anywhere" }}>
              <Text size="sm">
                <b>{what}</b>: {detail}
              </Text>
              {cure !== undefined && (
                <Text size="sm">
                  <IconCornerDownRight size={15} aria-hidden style={{ verticalAlign: "-2px" }} /> {cure}
                </Text>
              )}
            </div>
          </Group>
        </List.Item>
      ))}
    </List>
  );
}
