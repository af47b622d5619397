import { Box, Card, Stack, Table } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import type { ReactNode } from "react";
import { Facts } from "./facts.tsx";

export type Column<Row> = {
  key: string;
  title: ReactNode;
  cell(row: Row): ReactNode;
  /** Numbers stand to the right. @default "left" */
  align?: "left" | "right";
  width?: number | string;
};

type DataTableProps<Row> = {
  /** What the table is, for screen readers. */
  caption: string;
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  rowKey(row: Row): string;
};

/** A phone in the hand: too narrow for columns. */
export function useNarrow(): boolean {
  return useMediaQuery("(max-width: 48em)", false, { getInitialValueInEffect: false }) ?? false;
}

/** Rows in columns; on a phone each row is a card, headed by its first value, that names the others. */
export function DataTable<Row>({ caption, columns, rows, rowKey }: DataTableProps<Row>) {
  const narrow = useNarrow();
  const [first, ...others] = columns;
  if (narrow)
    return (
      <Stack gap="sm" role="list" aria-label={caption}>
        {rows.map((row) => (
          <Card key={rowKey(row)} padding="md" role="listitem">
            <Box mb={6}>{first?.cell(row)}</Box>
            <Facts facts={others.map(({ key, title, cell }) => ({ key, name: title, value: cell(row) }))} inLine />
          </Card>
        ))}
      </Stack>
    );
  return (
    <Card padding={0} style={{ overflowX: "auto" }}>
      <Table verticalSpacing="sm" horizontalSpacing="md" highlightOnHover aria-label={caption}>
        <Table.Thead>
          <Table.Tr>
            {columns.map(({ key, title, align, width }) => (
              <Table.Th key={key} ta={align} w={width} c="dimmed" fz="sm">
                {title}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map((row) => (
            <Table.Tr key={rowKey(row)}>
              {columns.map(({ key, cell, align }) => (
                <Table.Td key={key} ta={align} className={align === "right" ? "numbers" : undefined}>
                  {cell(row)}
                </Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Card>
  );
}
