import { Anchor, Box, Button } from "@mantine/core";
import { type ReactNode, useState } from "react";
import { common } from "../i18n/common.ts";
import { useWords } from "../i18n/words.ts";

/** A text a visitor typed, as text: its writing direction stays its own, and a long one is shown in part first. */
export function VisitorText({ text, limit = 1_200 }: { text: string; limit?: number }) {
  const t = useWords(common);
  const [all, setAll] = useState(false);
  const long = text.length > limit;
  return (
    <Box style={{ overflowWrap: "anywhere", whiteSpace: "pre-wrap", contain: "content" }}>
      <bdi>{long && !all ? `${text.slice(0, limit)}…` : text}</bdi>
      {long && (
        <Box>
          <Button variant="subtle" size="compact-sm" onClick={() => setAll(!all)} aria-expanded={all}>
            {all ? t("showLess") : t("showAll", { count: text.length })}
          </Button>
        </Box>
      )}
    </Box>
  );
}

/**
 * An address from outside: a link when it is http or https, its host before the rest, so that one sees where it leads; else text.
 * What follows the path is left to the tooltip.
 */
export function OutsideLink({ href, children }: { href: string; children?: ReactNode }) {
  const url = URL.canParse(href) ? new URL(href) : null;
  if (url?.protocol !== "https:" && url?.protocol !== "http:") return <VisitorText text={href} limit={300} />;
  const path = url.pathname === "/" ? "" : clipped(url.pathname, 80);
  return (
    <Anchor
      href={href}
      target="_blank"
      rel="noopener noreferrer nofollow"
      title={clipped(href, 2_000)}
      inherit
      style={{ overflowWrap: "anywhere" }}
    >
      {children ?? (
        <bdi>
          <b>{url.host}</b>
          {path}
          {url.search ? "?…" : ""}
        </bdi>
      )}
    </Anchor>
  );
}

function clipped(text: string, length: number): string {
  return text.length > length ? `${text.slice(0, length)}…` : text;
}
