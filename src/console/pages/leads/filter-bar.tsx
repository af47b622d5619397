import { Button, Group, Pill, Select, SimpleGrid, Stack, TextInput } from "@mantine/core";
import { useDebouncedCallback, useDisclosure } from "@mantine/hooks";
import { IconFilter, IconSearch } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { type RefObject, useEffect, useState } from "react";
import { destinationsQuery, formsQuery } from "../../api/queries.ts";
import { useMay } from "../../api/session.ts";
import { leadsWords } from "../../i18n/leads.ts";
import { states } from "../../i18n/states.ts";
import { useWords } from "../../i18n/words.ts";
import { type Chosen, type FilterName, filterNames } from "./filter.ts";

type FilterBarProps = {
  chosen: Chosen;
  change: (change: Chosen) => void;
  searchBox: RefObject<HTMLInputElement | null>;
};

/** The search, and the filters; what is set stands below as pills that take it away again. */
export function FilterBar({ chosen, change, searchBox }: FilterBarProps) {
  const t = useWords(leadsWords);
  const set = filterNames.filter((name) => name !== "q" && chosen[name] !== undefined);
  const [open, { toggle }] = useDisclosure(false);
  const mayReadPersonal = useMay("read_personal");
  return (
    <Stack gap="sm" mb="md">
      <Group gap="sm" wrap="nowrap">
        {mayReadPersonal && <Search chosen={chosen} change={change} searchBox={searchBox} />}
        <Button
          variant="default"
          leftSection={<IconFilter size={16} aria-hidden />}
          onClick={toggle}
          aria-expanded={open}
          aria-controls="lead-filters"
        >
          {set.length > 0 ? t("filtersActive", { count: set.length }) : t("filters")}
        </Button>
      </Group>
      <div id="lead-filters">{open && <Filters chosen={chosen} change={change} />}</div>
      {set.length > 0 && (
        <Group gap="xs">
          {set.map((name) => (
            <FilterPill key={name} name={name} value={chosen[name] ?? ""} remove={() => change({ [name]: "" })} />
          ))}
          <Button
            size="compact-sm"
            variant="subtle"
            onClick={() => change(Object.fromEntries(set.map((name) => [name, ""])))}
          >
            {t("clear")}
          </Button>
        </Group>
      )}
    </Stack>
  );
}

function Search({ chosen, change, searchBox }: FilterBarProps) {
  const t = useWords(leadsWords);
  const [typed, setTyped] = useState(chosen.q ?? "");
  const search = useDebouncedCallback((q: string) => change({ q: q.trim() }), 350);
  // Going back in the history, or a link, changes what is searched for without typing.
  useEffect(() => setTyped((before) => (before.trim() === (chosen.q ?? "") ? before : (chosen.q ?? ""))), [chosen.q]);
  return (
    <TextInput
      ref={searchBox}
      flex={1}
      type="search"
      aria-label={t("search")}
      placeholder={t("searchPlaceholder")}
      leftSection={<IconSearch size={16} aria-hidden />}
      value={typed}
      maxLength={200}
      onChange={(event) => {
        setTyped(event.currentTarget.value);
        search(event.currentTarget.value);
      }}
      onKeyDown={(event) => event.key === "Escape" && event.currentTarget.blur()}
    />
  );
}

function Filters({ chosen, change }: Omit<FilterBarProps, "searchBox">) {
  const t = useWords(leadsWords);
  const word = useWords(states);
  const forms = useQuery(formsQuery).data ?? [];
  const destinations = useQuery(destinationsQuery).data ?? [];
  const choose = (name: FilterName) => (value: string | null) => change({ [name]: value ?? "" });
  const select = (name: FilterName, data: { value: string; label: string }[]) => (
    <Select
      label={t(name as "form")}
      placeholder={t("any")}
      data={withUnlisted(data, chosen[name])}
      value={chosen[name] ?? null}
      onChange={choose(name)}
      clearable
    />
  );
  const text = (name: "source" | "campaign" | "assignee") => (
    <CommittedInput label={t(name)} placeholder={t("any")} value={chosen[name] ?? ""} commit={choose(name)} />
  );
  const date = (name: "since" | "until") => (
    <TextInput
      type="date"
      label={t(name)}
      value={chosen[name] ?? ""}
      onChange={(event) => change({ [name]: event.currentTarget.value })}
    />
  );
  return (
    <SimpleGrid cols={{ base: 2, md: 5 }} spacing="sm">
      {select(
        "form",
        forms.map(({ id, name }) => ({ value: id, label: name })),
      )}
      {select(
        "delivery",
        (["pending", "delivered", "dead", "withheld", "cancelled"] as const).map((value) => ({
          value,
          label: word(value),
        })),
      )}
      {select(
        "destination",
        destinations.map(({ id, label }) => ({ value: id, label })),
      )}
      {select(
        "stage",
        (["new", "working", "done"] as const).map((value) => ({ value, label: word(`stage-${value}`) })),
      )}
      {text("assignee")}
      {text("source")}
      {text("campaign")}
      {select(
        "state",
        (["active", "quarantined", "erased"] as const).map((value) => ({ value, label: word(value) })),
      )}
      {date("since")}
      {date("until")}
    </SimpleGrid>
  );
}

/** A filter of the address that the list of choices does not know stays visible as what it is. */
function withUnlisted(data: { value: string; label: string }[], value: string | undefined) {
  return value === undefined || data.some((each) => each.value === value) ? data : [...data, { value, label: value }];
}

/** A text that takes effect when it is left or Enter is pressed, not with every letter. */
function CommittedInput({
  label,
  placeholder,
  value,
  commit,
}: {
  label: string;
  placeholder: string;
  value: string;
  commit: (value: string) => void;
}) {
  const [typed, setTyped] = useState(value);
  useEffect(() => setTyped(value), [value]);
  return (
    <TextInput
      label={label}
      placeholder={placeholder}
      value={typed}
      onChange={(event) => setTyped(event.currentTarget.value)}
      onBlur={() => typed.trim() !== value && commit(typed.trim())}
      onKeyDown={(event) => event.key === "Enter" && commit(typed.trim())}
    />
  );
}

function FilterPill({ name, value, remove }: { name: FilterName; value: string; remove: () => void }) {
  const t = useWords(leadsWords);
  const word = useWords(states);
  const what = t(name as "form").replace(/ \(.*\)$/, "");
  const shown =
    name === "stage"
      ? word(`stage-${value}` as "stage-new")
      : name === "state" || name === "delivery"
        ? word(value as "dead")
        : value;
  return (
    <Pill
      withRemoveButton
      onRemove={remove}
      size="md"
      removeButtonProps={{ "aria-label": t("remove", { what }), tabIndex: 0, "aria-hidden": false }}
    >
      {what}: <bdi>{shown}</bdi>
    </Pill>
  );
}
