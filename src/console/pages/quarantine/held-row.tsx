import { Button, Checkbox, Collapse, Group, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconChevronDown, IconChevronUp } from "@tabler/icons-react";
import { useId } from "react";
import { Link } from "react-router";
import type { LeadRow } from "../../api/types.ts";
import { SpamReasons } from "../../components/spam-reasons.tsx";
import { TimeAgo } from "../../components/time-ago.tsx";
import { quarantineWords } from "../../i18n/quarantine.ts";
import { useWords } from "../../i18n/words.ts";
import { HeldDetails } from "./held-details.tsx";
import classes from "./quarantine.module.css";

type HeldRowProps = {
  row: LeadRow;
  index: number;
  chosen: boolean;
  busy: boolean;
  /** Null when the viewer may not. */
  toggle: (() => void) | null;
  release: (() => void) | null;
  remove: (() => void) | null;
};

/** One lead that is held back. */
export function HeldRow({ row, index, chosen, busy, toggle, release, remove }: HeldRowProps) {
  const t = useWords(quarantineWords);
  const [open, { toggle: unfold }] = useDisclosure(false);
  const detailsId = useId();
  const name = row.name ?? row.email ?? row.phone ?? t("nameless");
  const contact = [row.name === null ? null : (row.email ?? row.phone), row.company].filter(Boolean).join(" · ");
  const from = [row.form_name, row.source, row.campaign].filter(Boolean).join(" · ");
  return (
    <li className={`${classes.row} ${chosen ? classes.chosen : ""}`} data-index={index}>
      {toggle && <Checkbox aria-label={t("select", { name })} checked={chosen} onChange={toggle} mt={2} />}
      <div className={classes.body}>
        <div className={classes.head}>
          <div className={classes.text}>
            <Link to={`/leads/${row.lead_id}`} className={classes.link} data-lead-link>
              <bdi>{name}</bdi>
            </Link>{" "}
            {contact && (
              <Text span size="sm" c="dimmed">
                <bdi>{contact}</bdi>
              </Text>
            )}
            <Text size="sm" className={classes.preview}>
              <bdi>{row.preview}</bdi>
            </Text>
            <Text size="xs" c="var(--warn)">
              <Reasons row={row} />
            </Text>
            <Text size="xs" c="dimmed">
              <TimeAgo at={row.received_at} /> · <bdi>{from}</bdi>
            </Text>
          </div>
          <Group gap="xs" className={classes.acts}>
            {release && (
              <Button
                size="compact-sm"
                variant="light"
                disabled={busy}
                onClick={release}
                aria-label={t("releaseNamed", { name })}
              >
                {t("release")}
              </Button>
            )}
            {remove && (
              <Button
                size="compact-sm"
                variant="default"
                disabled={busy}
                onClick={remove}
                aria-label={t("deleteNamed", { name })}
              >
                {t("delete")}
              </Button>
            )}
            <Button
              size="compact-sm"
              variant="subtle"
              onClick={unfold}
              aria-expanded={open}
              aria-controls={detailsId}
              aria-label={t("detailsNamed", { name })}
              rightSection={open ? <IconChevronUp size={14} aria-hidden /> : <IconChevronDown size={14} aria-hidden />}
            >
              {t("details")}
            </Button>
          </Group>
        </div>
        <Collapse expanded={open} id={detailsId}>
          {open && <HeldDetails id={row.lead_id} />}
        </Collapse>
      </div>
    </li>
  );
}

/** Why it is held back: what the screens found, else what its deliveries say. A lead that would go nowhere says nothing. */
function Reasons({ row: { screening, quarantine } }: { row: LeadRow }) {
  const t = useWords(quarantineWords);
  if (screening && (screening.reasons.length > 0 || screening.awaiting)) return <SpamReasons screening={screening} />;
  const told = quarantine.map(({ code, message }) => (code === "quarantined" ? t("suspected") : message));
  return <bdi>{told.join(" · ") || t("suspected")}</bdi>;
}
