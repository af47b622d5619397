import type { ReactNode } from "react";
import classes from "./facts.module.css";

export type Fact = { key: string; name: ReactNode; value: ReactNode };

/** Names with their values; on a phone below each other, unless `inLine`. Facts without a value (null) are left out. */
export function Facts({ facts, inLine = false }: { facts: readonly Fact[]; inLine?: boolean }) {
  return (
    <dl className={`${classes.facts} ${inLine ? "" : classes.stacked}`}>
      {facts
        .filter(({ value }) => value !== null && value !== undefined && value !== "")
        .map(({ key, name, value }) => (
          <Pair key={key} name={name} value={value} />
        ))}
    </dl>
  );
}

function Pair({ name, value }: Pick<Fact, "name" | "value">) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </>
  );
}
