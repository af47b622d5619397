import { Button } from "@mantine/core";
import { IconCircleCheck } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { answer, api } from "../../api/client.ts";
import { keys } from "../../api/keys.ts";
import { alertsQuery } from "../../api/queries.ts";
import { useMay } from "../../api/session.ts";
import type { Overview, Trouble } from "../../api/types.ts";
import { useAct } from "../../api/use-act.ts";
import { ButtonLink } from "../../components/button-link.tsx";
import { Concern, Concerns } from "../../components/concern.tsx";
import { askToConfirm } from "../../components/confirm.tsx";
import { useNotify } from "../../components/notify.tsx";
import { Moment } from "../../components/time-ago.tsx";
import { useLanguage } from "../../i18n/language.tsx";
import { overviewWords } from "../../i18n/overview.ts";
import { useWords } from "../../i18n/words.ts";
import { AlertConcern } from "./alert-concern.tsx";
import { concernsOf } from "./concerns.ts";
import classes from "./overview.module.css";

/** What is wrong with its cure and the button for it; or one line that says that nothing is. */
export function Troubles({ overview }: { overview: Overview }) {
  const t = useWords(overviewWords);
  const alerts = useQuery(alertsQuery).data?.open ?? [];
  const concerns = concernsOf(overview.troubles, alerts);
  if (concerns.length === 0)
    return (
      <p className={classes.well} style={{ margin: 0 }}>
        <IconCircleCheck size={22} aria-hidden /> {t("allWell")}
      </p>
    );
  return (
    <Concerns label={t("troubles")}>
      {concerns.map((told) =>
        told.type === "alert" ? (
          <AlertConcern key={told.alert.id} alert={told.alert} />
        ) : (
          <OneTrouble key={told.trouble.id} trouble={told.trouble} overview={overview} />
        ),
      )}
    </Concerns>
  );
}

function OneTrouble({ trouble, overview }: { trouble: Trouble; overview: Overview }) {
  const t = useWords(overviewWords);
  const at = overview.destinations.find(({ id }) => id === trouble.destination);
  const label = at?.label ?? trouble.destination ?? "";
  const { what, cure } = useTroubleWords(trouble, label, at?.pause?.reason ?? null);
  return (
    <Concern severity={trouble.severity} what={what} acts={<Acts trouble={trouble} label={label} />}>
      {cure}
      {trouble.since !== null && (
        <>
          {" "}
          ({t("since")} <Moment at={trouble.since} />)
        </>
      )}
    </Concern>
  );
}

/** The API speaks English; in another language the trouble's code has words here, and the vendor's own reason is added as it is. */
function useTroubleWords(trouble: Trouble, label: string, reason: string | null): { what: string; cure: string } {
  const t = useWords(overviewWords);
  const { language } = useLanguage();
  if (language === "en") return trouble;
  const what = t(`trouble-${trouble.code}`, { destination: label, count: trouble.leads });
  return {
    what: trouble.code === "paused" && reason !== null ? `${what} (${reason})` : what,
    cure: t(`cure-${trouble.code}`),
  };
}

function Acts({ trouble, label }: { trouble: Trouble; label: string }) {
  const t = useWords(overviewWords);
  const notify = useNotify();
  const mayOperate = useMay("operate");
  const { action, destination } = trouble;
  const changes = [keys.overview, keys.destinations, keys.deadLetters];
  const id = action?.destination ?? destination ?? "";
  const resume = useAct(() => answer(api.destinations[":id"].resume.$post({ param: { id } })), {
    changes,
    onDone: () => notify.done(t("resumed", { destination: label })),
  });
  const replay = useAct(() => answer(api.deliveries.replay.$post({ json: { state: "dead", destination: id } })), {
    changes,
    onDone: ({ replayed }) => notify.done(t("replayed", { count: replayed })),
  });
  if (action === null) return null;
  return (
    <>
      {action.href !== undefined && (
        <ButtonLink to={action.href} size="xs" variant="default">
          {t("look")}
        </ButtonLink>
      )}
      {mayOperate && action.type === "resume" && (
        <Button size="xs" loading={resume.isPending} onClick={() => resume.mutate()}>
          {t("resume", { destination: label })}
        </Button>
      )}
      {mayOperate && action.type === "replay" && (
        <Button
          size="xs"
          onClick={() =>
            askToConfirm({
              title: t("replayTitle", { destination: label }),
              children: t("replayHint", { count: trouble.leads }),
              act: t("replay"),
              onConfirm: () => replay.mutateAsync(),
            })
          }
        >
          {t("replay")}
        </Button>
      )}
    </>
  );
}
