import { Alert, Button, Stack, Text } from "@mantine/core";
import { IconEraser, IconEyeOff, IconShieldQuestion } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useLocation, useParams } from "react-router";
import { answer, api } from "../api/client.ts";
import { keys } from "../api/keys.ts";
import { leadQuery } from "../api/queries.ts";
import { useMay } from "../api/session.ts";
import type { Lead as LeadJson } from "../api/types.ts";
import { useAct } from "../api/use-act.ts";
import { BackLink } from "../components/back-link.tsx";
import { ErrorState } from "../components/error-state.tsx";
import { LoadingRows } from "../components/loading.tsx";
import { useNotify } from "../components/notify.tsx";
import { PageTitle } from "../components/page-title.tsx";
import { SpamReasons } from "../components/spam-reasons.tsx";
import { TimeAgo } from "../components/time-ago.tsx";
import { leadWords } from "../i18n/lead.ts";
import { leadsWords } from "../i18n/leads.ts";
import { useWords } from "../i18n/words.ts";
import { ActsCard } from "./lead/acts-card.tsx";
import { AttributionCard } from "./lead/attribution-card.tsx";
import { ConsentsCard } from "./lead/consents-card.tsx";
import { EnquiryCard } from "./lead/enquiry-card.tsx";
import classes from "./lead/lead.module.css";
import { MoreMenu } from "./lead/more-menu.tsx";
import { RawCard } from "./lead/raw-card.tsx";
import { WayCard } from "./lead/way-card.tsx";
import { WorkCard } from "./lead/work-card.tsx";

export function Lead() {
  const t = useWords(leadWords);
  const { id = "" } = useParams();
  const { state } = useLocation() as { state: { list?: unknown } | null };
  const list = typeof state?.list === "string" ? state.list : "";
  const { data, error, refetch } = useQuery(leadQuery(id));
  return (
    <>
      <BackLink to={`/leads${list}`}>{t("back")}</BackLink>
      {data ? (
        <Shown lead={data} />
      ) : error ? (
        <ErrorState error={error} retry={() => void refetch()} />
      ) : (
        <LoadingRows rows={4} height={140} />
      )}
    </>
  );
}

function Shown({ lead }: { lead: LeadJson }) {
  const t = useWords(leadWords);
  const tList = useWords(leadsWords);
  const erased = lead.state === "erased";
  const name = lead.name ?? lead.email ?? lead.phone ?? (erased ? tList("erasedRow") : tList("nameless"));
  return (
    <>
      <PageTitle
        title={<bdi>{name}</bdi>}
        plain={name}
        hint={
          <>
            {t("received", { form: lead.form_name })} <TimeAgo at={lead.submitted_at} />
          </>
        }
      >
        {!erased && <MoreMenu lead={lead} name={name} />}
      </PageTitle>
      <Notices lead={lead} />
      {erased ? (
        <Stack gap="lg" maw={640}>
          <WayCard lead={lead} />
          <ActsCard acts={lead.acts} />
        </Stack>
      ) : (
        // On a phone: what they want, what is to do and whether it arrived, then the details.
        <div className={classes.columns}>
          <EnquiryCard lead={lead} />
          <Stack gap="lg" className={classes.beside ?? ""}>
            <WorkCard lead={lead} name={name} />
            <WayCard lead={lead} />
            <ActsCard acts={lead.acts} />
          </Stack>
          <Stack gap="lg">
            <AttributionCard source={lead.source} />
            <ConsentsCard lead={lead} />
            <RawCard lead={lead} />
          </Stack>
        </div>
      )}
    </>
  );
}

function Notices({ lead }: { lead: LeadJson }) {
  const t = useWords(leadWords);
  return (
    <>
      {lead.state === "quarantined" && <Quarantined id={lead.lead_id} screening={lead.screening} />}
      {lead.state === "erased" && (
        <Alert variant="default" mb="md" icon={<IconEraser aria-hidden />} title={t("erased")}>
          {t("erasedHint")}
        </Alert>
      )}
      {lead.masked && lead.state !== "erased" && (
        <Alert variant="default" mb="md" icon={<IconEyeOff aria-hidden />} title={t("masked")} />
      )}
    </>
  );
}

function Quarantined({ id, screening }: { id: string; screening: LeadJson["screening"] }) {
  const t = useWords(leadWords);
  const notify = useNotify();
  const mayOperate = useMay("operate");
  const release = useAct(() => answer(api.leads.release.$post({ json: { ids: [id] } })), {
    changes: [keys.lead(id), keys.leads, keys.overview],
    onDone: () => notify.done(t("released")),
  });
  return (
    <Alert
      variant="default"
      mb="md"
      icon={<IconShieldQuestion color="var(--warn)" aria-hidden />}
      title={t("quarantined")}
    >
      {t("quarantinedHint")}
      {screening && (
        <Text size="sm" mt={4} c="var(--warn)">
          <SpamReasons screening={screening} />
        </Text>
      )}
      {mayOperate && (
        <div>
          <Button mt="sm" size="xs" loading={release.isPending} onClick={() => release.mutate()}>
            {t("release")}
          </Button>
        </div>
      )}
    </Alert>
  );
}
