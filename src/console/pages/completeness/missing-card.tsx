import { Button, Stack, Text, Title } from "@mantine/core";
import { useMay } from "../../api/session.ts";
import type { Completeness } from "../../api/types.ts";
import { ButtonLink } from "../../components/button-link.tsx";
import { Concern, Concerns } from "../../components/concern.tsx";
import { Moment } from "../../components/time-ago.tsx";
import { useDestinationName } from "../../components/use-destination-name.ts";
import { completenessWords } from "../../i18n/completeness.ts";
import { useWords } from "../../i18n/words.ts";
import { useSendMissing } from "./use-send-missing.tsx";

/** What is missing right now, destination by destination, and the way to send it again. */
export function MissingCard({ completeness: { missing, destinations } }: { completeness: Completeness }) {
  const t = useWords(completenessWords);
  const nameOf = useDestinationName();
  const mayOperate = useMay("operate");
  const send = useSendMissing();
  if (missing.length === 0) return null;
  return (
    <Stack component="section" aria-labelledby="missing" gap="sm">
      <div>
        <Title order={2} id="missing">
          {t("missing")}
        </Title>
        <Text size="sm" c="dimmed">
          {t("missingHint")}
        </Text>
      </div>
      <Concerns label={t("missing")}>
        {missing.map(({ destination, count, since }) => {
          const name = nameOf(destination);
          const run = destinations.find((one) => one.destination === destination)?.verification;
          return (
            <Concern
              key={destination}
              severity="problem"
              what={t("missingAt", { count, destination: name })}
              acts={
                <>
                  {run !== undefined && (
                    <ButtonLink to={`/completeness/${run}`} size="xs" variant="default">
                      {t("seeWhich")}
                    </ButtonLink>
                  )}
                  {mayOperate && (
                    <Button
                      size="xs"
                      aria-label={t("sendNamed", { destination: name })}
                      loading={send.isPending && send.variables === destination}
                      onClick={() => send.mutate(destination)}
                    >
                      {t("send")}
                    </Button>
                  )}
                </>
              }
            >
              {t("since")} <Moment at={since} />
            </Concern>
          );
        })}
      </Concerns>
    </Stack>
  );
}
