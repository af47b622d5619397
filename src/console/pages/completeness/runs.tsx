import { Anchor, Title } from "@mantine/core";
import { Link } from "react-router";
import type { Verification } from "../../api/types.ts";
import { type Column, DataTable } from "../../components/data-table.tsx";
import { useDestinationName } from "../../components/use-destination-name.ts";
import { completenessWords } from "../../i18n/completeness.ts";
import { useFormat } from "../../i18n/format.ts";
import { useWords } from "../../i18n/words.ts";
import { useByWords } from "./use-by-words.ts";

/** The looks so far, each leading to its page. */
export function Runs({ runs }: { runs: readonly Verification[] }) {
  const t = useWords(completenessWords);
  const format = useFormat();
  const nameOf = useDestinationName();
  const by = useByWords();
  const columns: Column<Verification>[] = [
    {
      key: "started",
      title: t("started"),
      cell: ({ id, started_at }) => (
        <Anchor component={Link} to={`/completeness/${id}`} size="sm" fw={600}>
          {format.short(started_at)}
        </Anchor>
      ),
    },
    {
      key: "scope",
      title: t("scope"),
      cell: ({ destination }) => (destination === null ? t("allOf") : nameOf(destination)),
    },
    { key: "by", title: t("by"), cell: (run) => <bdi>{by(run)}</bdi> },
    {
      key: "result",
      title: t("result"),
      align: "right",
      cell: ({ accounted, leads }) => `${format.number(accounted)} / ${format.number(leads)}`,
    },
  ];
  return (
    <section aria-labelledby="runs">
      <Title order={2} id="runs" mb="sm">
        {t("runs")}
      </Title>
      <DataTable caption={t("runs")} columns={columns} rows={runs} rowKey={({ id }) => id} />
    </section>
  );
}
