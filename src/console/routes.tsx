import { createBrowserRouter, type RouteObject } from "react-router";
import { BrokenPage } from "./shell/broken-page.tsx";
import { Shell } from "./shell/shell.tsx";
import { StartUp } from "./shell/start-up.tsx";

/** Every page is a file of its own, loaded when it is first opened. */
const pages: RouteObject[] = [
  { index: true, lazy: async () => ({ Component: (await import("./pages/overview.tsx")).Overview }) },
  { path: "leads", lazy: async () => ({ Component: (await import("./pages/leads.tsx")).Leads }) },
  { path: "leads/:id", lazy: async () => ({ Component: (await import("./pages/lead.tsx")).Lead }) },
  { path: "quarantine", lazy: async () => ({ Component: (await import("./pages/quarantine.tsx")).Quarantine }) },
  { path: "destinations", lazy: async () => ({ Component: (await import("./pages/destinations.tsx")).Destinations }) },
  {
    path: "destinations/:id",
    lazy: async () => ({ Component: (await import("./pages/destination.tsx")).Destination }),
  },
  { path: "dead-letters", lazy: async () => ({ Component: (await import("./pages/dead-letters.tsx")).DeadLetters }) },
  { path: "alerts", lazy: async () => ({ Component: (await import("./pages/alerts.tsx")).Alerts }) },
  {
    path: "completeness",
    lazy: async () => ({ Component: (await import("./pages/completeness.tsx")).Completeness }),
  },
  {
    path: "completeness/:id",
    lazy: async () => ({ Component: (await import("./pages/completeness-run.tsx")).CompletenessRun }),
  },
  { path: "forms", lazy: async () => ({ Component: (await import("./pages/forms.tsx")).Forms }) },
  { path: "activity", lazy: async () => ({ Component: (await import("./pages/activity.tsx")).Activity }) },
  { path: "people", lazy: async () => ({ Component: (await import("./pages/people.tsx")).People }) },
  { path: "setup", lazy: async () => ({ Component: (await import("./pages/setup.tsx")).Setup }) },
  { path: "*", lazy: async () => ({ Component: (await import("./pages/not-found.tsx")).NotFound }) },
];

export const router = createBrowserRouter(
  [
    {
      ErrorBoundary: BrokenPage,
      HydrateFallback: StartUp,
      children: [
        { path: "sign-in", lazy: async () => ({ Component: (await import("./pages/sign-in.tsx")).SignIn }) },
        { path: "/", Component: Shell, children: [{ ErrorBoundary: BrokenPage, children: pages }] },
      ],
    },
  ],
  { basename: "/console" },
);
