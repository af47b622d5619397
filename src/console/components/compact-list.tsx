import type { ReactNode } from "react";
import classes from "./compact-list.module.css";

/** Many short items under each other in one frame, where a card each would take too much room: a table on a phone. */
export function CompactList({ label, children }: { label: string; children: ReactNode }) {
  return (
    <ul className={classes.list} aria-label={label}>
      {children}
    </ul>
  );
}
