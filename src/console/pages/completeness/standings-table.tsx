import { Anchor, Text, Tooltip } from "@mantine/core";
import { Link } from "react-router";
import type { Standing, Verdict } from "../../api/types.ts";
import { type Column, DataTable } from "../../components/data-table.tsx";
import { TimeAgo } from "../../components/time-ago.tsx";
import { useDestinationName } from "../../components/use-destination-name.ts";
import { completenessWords } from "../../i18n/completeness.ts";
import { useFormat } from "../../i18n/format.ts";
import { useWords } from "../../i18n/words.ts";
import { VerdictBar } from "./verdict-bar.tsx";
import { countOf, openVerdicts, verdictsIn } from "./verdicts.ts";

/** `look`: of each destination its own, where they are not of the same one. */
type Row = Standing & { look?: { id: string; at: string } };

/** How leads stand, destination by destination: a bar, and each verdict's count. */
export function StandingsTable({ rows }: { rows: readonly Row[] }) {
  const t = useWords(completenessWords);
  const nameOf = useDestinationName();
  const columns: Column<Row>[] = [
    {
      key: "destination",
      title: t("destination"),
      cell: ({ destination }) => (
        <Anchor component={Link} to={`/destinations/${encodeURIComponent(destination)}`} fw={600}>
          {nameOf(destination)}
        </Anchor>
      ),
    },
    {
      key: "share",
      title: t("share"),
      width: "26%",
      cell: (row) => <VerdictBar name={nameOf(row.destination)} standing={row} />,
    },
    ...verdictsIn(rows).map(
      (verdict): Column<Row> => ({
        key: verdict,
        title: <Named verdict={verdict} />,
        align: "right",
        cell: (row) => <Count count={countOf(row, verdict)} open={openVerdicts.has(verdict)} />,
      }),
    ),
  ];
  if (rows.some(({ look }) => look))
    columns.push({
      key: "look",
      title: t("lastLook"),
      align: "right",
      cell: ({ look }) =>
        look ? (
          <Anchor component={Link} to={`/completeness/${look.id}`} size="sm">
            <TimeAgo at={look.at} />
          </Anchor>
        ) : (
          "–"
        ),
    });
  return (
    <DataTable caption={t("destinations")} columns={columns} rows={rows} rowKey={({ destination }) => destination} />
  );
}

function Count({ count, open }: { count: number; open: boolean }) {
  const format = useFormat();
  if (count === 0) return "–";
  return (
    <Text span inherit {...(open ? { fw: 700, c: "var(--bad)" } : {})}>
      {format.number(count)}
    </Text>
  );
}

function Named({ verdict }: { verdict: Verdict }) {
  const t = useWords(completenessWords);
  return (
    <Tooltip label={t(`means-${verdict}`)} multiline maw={260}>
      <span>{t(`verdict-${verdict}`)}</span>
    </Tooltip>
  );
}
