import { Group, Text } from "@mantine/core";
import { IconAlertTriangle, IconCircleX } from "@tabler/icons-react";
import type { ReactNode } from "react";
import classes from "./concern.module.css";

/** Things that are wrong, under each other. */
export function Concerns({ label, children }: { label: string; children: ReactNode }) {
  return (
    <ul className={classes.list} aria-label={label}>
      {children}
    </ul>
  );
}

type ConcernProps = {
  severity: "problem" | "warning";
  what: ReactNode;
  /** Since when, how many, and what to do. */
  children: ReactNode;
  /** Buttons, to the right. */
  acts?: ReactNode;
};

/** Something that is wrong, with its cure and the buttons for it. */
export function Concern({ severity, what, children, acts }: ConcernProps) {
  const problem = severity === "problem";
  const Icon = problem ? IconCircleX : IconAlertTriangle;
  const colour = problem ? "var(--bad)" : "var(--warn)";
  return (
    <li className={`${classes.concern} ${problem ? classes.problem : classes.warning}`}>
      <div className={classes.what}>
        <Icon size={22} aria-hidden style={{ flex: "none", color: colour }} />
        <div>
          <Text fw={600} c={colour}>
            {what}
          </Text>
          <Text size="sm" component="div">
            {children}
          </Text>
        </div>
      </div>
      {acts && <Group gap="xs">{acts}</Group>}
    </li>
  );
}
