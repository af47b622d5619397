import { localStorageColorSchemeManager, MantineProvider } from "@mantine/core";
import { Notifications } from "@mantine/notifications";
import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "react-router/dom";
import { queryClient } from "./api/query-client.ts";
import { Dialogs } from "./components/dialogs.tsx";
import { LanguageProvider } from "./i18n/language.tsx";
import { router } from "./routes.tsx";
import { cssVariables, theme } from "./theme.ts";

const colorScheme = localStorageColorSchemeManager({ key: "leadkeep-color-scheme" });

export function App({ styleNonce }: { styleNonce: string }) {
  return (
    <MantineProvider
      theme={theme}
      cssVariablesResolver={cssVariables}
      defaultColorScheme="auto"
      colorSchemeManager={colorScheme}
      getStyleNonce={() => styleNonce}
    >
      <LanguageProvider>
        <QueryClientProvider client={queryClient}>
          <Dialogs>
            <Notifications position="bottom-right" limit={4} />
            <RouterProvider router={router} />
          </Dialogs>
        </QueryClientProvider>
      </LanguageProvider>
    </MantineProvider>
  );
}
