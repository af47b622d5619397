import { useFormat } from "../i18n/format.ts";
import { useNow } from "./now.ts";

/** "3 minutes ago"; the exact time in the viewer's zone on hover. The browser's own hint: lists have many of these. */
export function TimeAgo({ at }: { at: string }) {
  const now = useNow();
  const format = useFormat();
  const moment = new Date(at).getTime();
  // What came after the clock's last move, or by another machine's clock, is not in the future.
  return (
    <time dateTime={at} title={format.full(at)}>
      {format.relative(at, Math.max(now, moment))}
    </time>
  );
}

/** A moment that may lie ahead: "in 5 minutes". */
export function TimeTo({ at }: { at: string }) {
  const now = useNow();
  const format = useFormat();
  return (
    <time dateTime={at} title={format.full(at)}>
      {format.relative(at, now)}
    </time>
  );
}

/** A moment as date and time, for "since …"; how long ago on hover. */
export function Moment({ at }: { at: string }) {
  const now = useNow();
  const format = useFormat();
  return (
    <time dateTime={at} title={format.relative(at, now)}>
      {format.short(at)}
    </time>
  );
}
