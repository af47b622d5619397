import type { Alert } from "../../api/types.ts";
import { ButtonLink } from "../../components/button-link.tsx";
import { Concern } from "../../components/concern.tsx";
import { Moment } from "../../components/time-ago.tsx";
import { useAlertWords } from "../../components/use-alert-words.ts";
import { overviewWords } from "../../i18n/overview.ts";
import { useWords } from "../../i18n/words.ts";

/** An alert among the troubles. */
export function AlertConcern({ alert }: { alert: Alert }) {
  const t = useWords(overviewWords);
  const { what, leads, cure, href } = useAlertWords()(alert);
  return (
    <Concern
      severity={alert.severity}
      what={what}
      acts={
        <ButtonLink to={href} size="xs" variant="default">
          {t("look")}
        </ButtonLink>
      }
    >
      {[leads, cure].filter(Boolean).join(" ")} ({t("since")} <Moment at={alert.since} />)
    </Concern>
  );
}
