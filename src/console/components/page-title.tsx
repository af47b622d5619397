import { Box, Group, Text, Title } from "@mantine/core";
import { type ReactNode, useEffect, useRef } from "react";
import { useLocation } from "react-router";

type PageTitleProps = {
  title: ReactNode;
  /** What the browser's tab says, when the title is not plain text. */
  plain?: string;
  hint?: ReactNode;
  /** Buttons, to the right. */
  children?: ReactNode;
};

/** A page's heading. Takes the focus when one comes here from another page, so that a screen reader reads it. */
export function PageTitle({ title, plain, hint, children }: PageTitleProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  const { pathname, key } = useLocation();
  const name = plain ?? (typeof title === "string" ? title : "");
  useEffect(() => {
    document.title = name ? `${name} · Leadkeep` : "Leadkeep";
  }, [name]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another address is another page, also when it is the same component.
  useEffect(() => {
    // The first page after loading leaves the focus where the browser put it.
    if (key !== "default") heading.current?.focus({ preventScroll: true });
  }, [pathname]);
  return (
    <Group justify="space-between" align="flex-end" gap="sm" mb="md">
      <Box miw={0}>
        <Title order={1} ref={heading} tabIndex={-1} style={{ overflowWrap: "anywhere" }}>
          {title}
        </Title>
        {hint !== undefined && (
          <Text c="dimmed" size="sm" mt={4}>
            {hint}
          </Text>
        )}
      </Box>
      {children !== undefined && <Group gap="xs">{children}</Group>}
    </Group>
  );
}
