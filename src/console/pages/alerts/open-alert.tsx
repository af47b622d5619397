import { Button } from "@mantine/core";
import { answer, api } from "../../api/client.ts";
import { keys } from "../../api/keys.ts";
import { useMay } from "../../api/session.ts";
import type { Alert } from "../../api/types.ts";
import { useAct } from "../../api/use-act.ts";
import { ButtonLink } from "../../components/button-link.tsx";
import { Concern } from "../../components/concern.tsx";
import { useNotify } from "../../components/notify.tsx";
import { Moment, TimeAgo } from "../../components/time-ago.tsx";
import { useAlertWords } from "../../components/use-alert-words.ts";
import { alertsWords } from "../../i18n/alerts.ts";
import { useWords } from "../../i18n/words.ts";

/** One open alert: what, since when, how many leads, what to do, and who has seen it. */
export function OpenAlert({ alert }: { alert: Alert }) {
  const t = useWords(alertsWords);
  const notify = useNotify();
  const mayOperate = useMay("operate");
  const { what, leads, cure, href } = useAlertWords()(alert);
  const { id, severity, since, worsened_at, acknowledged } = alert;
  const acknowledge = useAct(() => answer(api.alerts[":id"].acknowledge.$post({ param: { id } })), {
    changes: [keys.alerts, keys.acts],
    onDone: () => notify.done(t("seenDone")),
  });
  return (
    <Concern
      severity={severity}
      what={what}
      acts={
        <>
          <ButtonLink to={href} size="xs" variant="default" aria-label={t("lookNamed", { what })}>
            {t("look")}
          </ButtonLink>
          {mayOperate && acknowledged === null && (
            <Button
              size="xs"
              variant="default"
              title={t("seenHint")}
              aria-label={t("seenNamed", { what })}
              loading={acknowledge.isPending}
              onClick={() => acknowledge.mutate()}
            >
              {t("seen")}
            </Button>
          )}
        </>
      }
    >
      {[leads, cure].filter(Boolean).join(" ")}
      <div>
        {t("since")} <Moment at={since} /> (<TimeAgo at={since} />)
        {worsened_at !== since && (
          <>
            {" · "}
            {t("worse")} <Moment at={worsened_at} />
          </>
        )}
        {acknowledged !== null && (
          <>
            {" · "}
            <bdi>{t("seenBy", { name: acknowledged.by })}</bdi> <TimeAgo at={acknowledged.at} />
          </>
        )}
      </div>
    </Concern>
  );
}
