import type { Standing } from "../../api/types.ts";
import { completenessWords } from "../../i18n/completeness.ts";
import { useFormat } from "../../i18n/format.ts";
import { useWords } from "../../i18n/words.ts";
import classes from "./completeness.module.css";
import { stretchesOf } from "./verdicts.ts";

/** How a destination's leads stand, for the eye; the same in words for everybody else. */
export function VerdictBar({ name, standing }: { name: string; standing: Pick<Standing, "verdicts"> }) {
  const t = useWords(completenessWords);
  const format = useFormat();
  const stretches = stretchesOf(standing);
  if (stretches.length === 0) return "–";
  const parts = stretches.map(({ verdict, count }) => `${format.number(count)} ${t(`verdict-${verdict}`)}`);
  return (
    <div
      className={classes.bar}
      role="img"
      aria-label={t("bar", { destination: name, parts: parts.join(", ") })}
      title={parts.join(" · ")}
    >
      {stretches.map(({ verdict, share }) => (
        <span key={verdict} className={classes[verdict]} style={{ width: `${share}%` }} />
      ))}
    </div>
  );
}
