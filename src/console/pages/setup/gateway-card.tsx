import { Card, Group, Title } from "@mantine/core";
import { useSession } from "../../api/session.ts";
import type { SetupInfo } from "../../api/types.ts";
import { CopyButton } from "../../components/copy-button.tsx";
import { Facts } from "../../components/facts.tsx";
import { setupWords } from "../../i18n/setup.ts";
import { useWords } from "../../i18n/words.ts";

/** What runs here, and where it keeps leads. */
export function GatewayCard({ setup: { version, ledger, data_folder, node } }: { setup: SetupInfo }) {
  const t = useWords(setupWords);
  const { public_url } = useSession();
  return (
    <Card component="section" aria-labelledby="gateway">
      <Title order={2} id="gateway" mb="sm">
        {t("gateway")}
      </Title>
      <Facts
        facts={[
          { key: "version", name: t("version"), value: version },
          { key: "ledger", name: t("ledger"), value: ledger },
          {
            key: "folder",
            name: t("dataFolder"),
            value: (
              <Group gap={4} wrap="nowrap">
                <code style={{ overflowWrap: "anywhere" }}>{data_folder}</code>
                <CopyButton value={data_folder} what={t("copyFolder")} />
              </Group>
            ),
          },
          { key: "address", name: t("publicUrl"), value: public_url ?? t("noPublicUrl") },
          { key: "node", name: t("node"), value: node },
        ]}
      />
    </Card>
  );
}
