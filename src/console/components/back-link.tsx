import { Anchor } from "@mantine/core";
import { IconArrowLeft } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { Link } from "react-router";

/** Above a page's title: the way back to the list it belongs to. */
export function BackLink({ to, children }: { to: string; children: ReactNode }) {
  return (
    <Anchor component={Link} to={to} size="sm" display="inline-flex" style={{ alignItems: "center", gap: 4 }} mb="xs">
      <IconArrowLeft size={16} aria-hidden /> {children}
    </Anchor>
  );
}
