import { AppShell, Burger, Group } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { Navigate, Outlet, ScrollRestoration, useLocation } from "react-router";
import { followChanges } from "../api/events.ts";
import { Problem } from "../api/problem.ts";
import { sessionQuery } from "../api/session.ts";
import { ErrorState } from "../components/error-state.tsx";
import { shellWords } from "../i18n/shell.ts";
import { useWords } from "../i18n/words.ts";
import { Bell } from "./bell.tsx";
import { Logo } from "./logo.tsx";
import { Navigation } from "./navigation.tsx";
import classes from "./shell.module.css";
import { StartUp } from "./start-up.tsx";
import { UserMenu } from "./user-menu.tsx";

/** The frame around every page but sign-in: who is not signed in is led there, and back afterwards. */
export function Shell() {
  const { data, error, refetch } = useQuery(sessionQuery);
  const { pathname, search } = useLocation();
  if (error instanceof Problem && error.status === 401)
    return <Navigate to="/sign-in" replace state={{ from: pathname + search }} />;
  if (error && !data) return <ErrorState error={error} retry={() => void refetch()} />;
  if (!data) return <StartUp />;
  return <Frame />;
}

function Frame() {
  const t = useWords(shellWords);
  const [open, { toggle, close }] = useDisclosure(false);
  const queries = useQueryClient();
  useEffect(() => followChanges(queries), [queries]);
  useEffect(() => whenIdle(fetchLikelyPages), []);

  return (
    <AppShell
      header={{ height: 56 }}
      navbar={{ width: 230, breakpoint: "sm", collapsed: { mobile: !open } }}
      padding={{ base: "md", sm: "xl" }}
      classNames={{ main: classes.main ?? "" }}
    >
      <a href="#content" className={classes.skip}>
        {t("skip")}
      </a>
      <AppShell.Header>
        <Group h="100%" px="md" justify="space-between" wrap="nowrap">
          <Group gap="sm" wrap="nowrap">
            <Burger
              opened={open}
              onClick={toggle}
              hiddenFrom="sm"
              size="sm"
              aria-label={open ? t("closeNavigation") : t("openNavigation")}
              aria-expanded={open}
            />
            <Logo />
          </Group>
          <Group gap="md" wrap="nowrap">
            <Bell />
            <UserMenu />
          </Group>
        </Group>
      </AppShell.Header>
      <AppShell.Navbar p="sm" aria-label={t("navigation")} inert={undefined}>
        <Navigation onFollow={close} />
      </AppShell.Navbar>
      <AppShell.Main id="content" tabIndex={-1}>
        <div className={classes.page}>
          <Outlet />
          <ScrollRestoration />
        </div>
      </AppShell.Main>
    </AppShell>
  );
}

/** What most people open next, so that the click has only its data to wait for. */
function fetchLikelyPages(): void {
  void Promise.allSettled([import("../pages/leads.tsx"), import("../pages/lead.tsx"), import("../pages/overview.tsx")]);
}

/** The result takes it back. Safari has no idea of idleness. */
function whenIdle(act: () => void): () => void {
  if (typeof requestIdleCallback === "undefined") {
    const timer = setTimeout(act, 1_000);
    return () => clearTimeout(timer);
  }
  const id = requestIdleCallback(act, { timeout: 3_000 });
  return () => cancelIdleCallback(id);
}
