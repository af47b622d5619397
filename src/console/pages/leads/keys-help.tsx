import { Kbd, Table } from "@mantine/core";
import { leadsWords } from "../../i18n/leads.ts";
import { useWords } from "../../i18n/words.ts";

const keys = [
  ["j", "keyNext"],
  ["k", "keyPrevious"],
  ["Enter", "keyOpen"],
  ["/", "keySearch"],
  ["n", "keyNew"],
  ["?", "keyHelp"],
] as const;

export function KeysHelp() {
  const t = useWords(leadsWords);
  return (
    <Table withRowBorders={false}>
      <Table.Tbody>
        {keys.map(([key, what]) => (
          <Table.Tr key={key}>
            <Table.Th w={90} scope="row">
              <Kbd>{key}</Kbd>
            </Table.Th>
            <Table.Td>{t(what)}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}
