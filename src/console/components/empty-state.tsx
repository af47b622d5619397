import { Paper, Stack, Text, Title } from "@mantine/core";
import type { TablerIcon } from "@tabler/icons-react";
import type { ReactNode } from "react";

type EmptyStateProps = {
  Icon: TablerIcon;
  title: string;
  /** Why it is empty, and what makes it otherwise. */
  children?: ReactNode;
  /** A button or link to the next step. */
  action?: ReactNode;
};

/** What stands where nothing is yet. */
export function EmptyState({ Icon, title, children, action }: EmptyStateProps) {
  return (
    <Paper withBorder p="xl">
      <Stack align="center" gap="xs" maw={520} mx="auto" py="lg" ta="center">
        <Icon size={40} stroke={1.4} color="var(--mantine-color-dimmed)" aria-hidden />
        <Title order={2}>{title}</Title>
        {children !== undefined && (
          <Text component="div" c="dimmed">
            {children}
          </Text>
        )}
        {action}
      </Stack>
    </Paper>
  );
}
