import { Group, NativeSelect, Tabs } from "@mantine/core";
import type { FormInfo } from "../../api/types.ts";
import { CopyButton } from "../../components/copy-button.tsx";
import { useNarrow } from "../../components/data-table.tsx";
import { formsWords } from "../../i18n/forms.ts";
import { useWords } from "../../i18n/words.ts";
import classes from "./forms.module.css";

type EmbedCodeProps = { form: string; codes: FormInfo["embed"]; kind: string; choose: (kind: string) => void };

/** The code of a form, for each way sites are made. */
export function EmbedCode({ form, codes, kind, choose }: EmbedCodeProps) {
  const t = useWords(formsWords);
  const narrow = useNarrow();
  const chosen = codes.find(({ id }) => id === kind) ?? codes[0];
  if (!chosen) return null;
  if (narrow)
    return (
      <>
        <NativeSelect
          mt="md"
          label={t("madeWith")}
          value={chosen.id}
          onChange={(event) => choose(event.currentTarget.value)}
          data={codes.map(({ id, label }) => ({ value: id, label }))}
        />
        <Code form={form} code={chosen} />
      </>
    );
  return (
    <Tabs value={chosen.id} onChange={(id) => id !== null && choose(id)} variant="pills" mt="md" keepMounted={false}>
      <Tabs.List aria-label={t("madeWith")}>
        {codes.map(({ id, label }) => (
          <Tabs.Tab key={id} value={id} py={6} px="sm">
            {label}
          </Tabs.Tab>
        ))}
      </Tabs.List>
      {codes.map((code) => (
        <Tabs.Panel key={code.id} value={code.id}>
          <Code form={form} code={code} />
        </Tabs.Panel>
      ))}
    </Tabs>
  );
}

function Code({ form, code: { label, code } }: { form: string; code: FormInfo["embed"][number] }) {
  const t = useWords(formsWords);
  return (
    <div className={classes.code}>
      <Group justify="flex-end" mb="xs">
        <CopyButton value={code} />
      </Group>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable by keyboard. */}
      <section tabIndex={0} aria-label={t("code", { form, name: label })} className={classes.scroll}>
        <pre>
          <code>{code}</code>
        </pre>
      </section>
    </div>
  );
}
