import { Box, Card, Center, Code, Loader, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { Navigate, useLocation, useNavigate } from "react-router";
import { Problem } from "../api/problem.ts";
import { sessionQuery, signInByLink } from "../api/session.ts";
import { ButtonLink } from "../components/button-link.tsx";
import { ErrorState } from "../components/error-state.tsx";
import { PageTitle } from "../components/page-title.tsx";
import { signInWords } from "../i18n/sign-in.ts";
import { useWords } from "../i18n/words.ts";
import { Logo } from "../shell/logo.tsx";
import { PasswordForm } from "./sign-in/password-form.tsx";

const command = "npx leadkeep sign-in";

/** By password, or by the one-time link `/console/sign-in#<token>`: a fragment reaches no server and so no log. */
export function SignIn() {
  const t = useWords(signInWords);
  const { hash } = useLocation();
  const [token] = useState(() => hash.slice(1));
  return (
    <Center component="main" mih="100vh" p="md" bg="var(--paper)">
      <Box w="100%" maw={400}>
        <Center mb="lg">
          <Logo />
        </Center>
        <Card padding="xl">
          <PageTitle title={t("title")} hint={t("hint")} />
          {hash && token ? <ByLink token={token} /> : <ByPassword />}
        </Card>
      </Box>
    </Center>
  );
}

function ByPassword() {
  const t = useWords(signInWords);
  const { data, error, refetch } = useQuery(sessionQuery);
  const from = useFrom();
  if (data) return <Navigate to={from} replace />;
  if (error instanceof Problem && error.status === 401) {
    const login = error.login ?? { password: true, email: true };
    if (login.password || login.email) return <PasswordForm login={login} from={from} />;
    return (
      <Stack gap="xs">
        <Text fw={600}>{t("noLogin")}</Text>
        <Text size="sm" c="dimmed">
          {t("noLoginHint")}
        </Text>
        <Code block>{command}</Code>
      </Stack>
    );
  }
  if (error) return <ErrorState error={error} retry={() => void refetch()} />;
  return <Loader mx="auto" />;
}

/** A link is used up by its first use, so it is sent once, however often the page is drawn. */
const sent = new Map<string, Promise<void>>();

function ByLink({ token }: { token: string }) {
  const t = useWords(signInWords);
  const navigate = useNavigate();
  const [error, setError] = useState<unknown>(null);
  useEffect(() => {
    const sending = sent.get(token) ?? signInByLink(token);
    sent.set(token, sending);
    sending.then(() => navigate("/", { replace: true }), setError);
  }, [token, navigate]);

  if (error === null)
    return (
      <Stack align="center" role="status">
        <Loader />
        <Text>{t("linkTitle")}</Text>
      </Stack>
    );
  if (!(error instanceof Problem) || error.status === 0 || error.status >= 500) return <ErrorState error={error} />;
  return (
    <Stack gap="xs" role="alert">
      <Text fw={600}>{t("linkUsed")}</Text>
      <Text size="sm" c="dimmed">
        {t("linkUsedHint")}
      </Text>
      <Code block>{command}</Code>
      <ButtonLink to="/sign-in" variant="default" mt="sm">
        {t("again")}
      </ButtonLink>
    </Stack>
  );
}

function useFrom(): string {
  const { state } = useLocation() as { state: { from?: unknown } | null };
  return typeof state?.from === "string" ? state.from : "/";
}
