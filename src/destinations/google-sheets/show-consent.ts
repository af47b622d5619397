import type { Purpose } from "../../model/consent.ts";
import type { ConsentNotice } from "../../model/destination.ts";
import type { LeadId } from "../../model/id.ts";
import type { Outcome } from "../../model/outcome.ts";
import { byHand } from "../shared/by-hand.ts";
import type { Answer } from "./api.ts";
import { columnKey, consentHeader, no, purposesShown, yes } from "./columns.ts";
import { locateRows, type Place } from "./locate-rows.ts";
import { openMark, replaceMarked } from "./marks.ts";
import { type Sheet, update, updateAndSee } from "./sheet.ts";
import { forAPerson, keepsMoving, wasInTheWay } from "./trouble.ts";

/** How often a row is looked for anew that a person moved between our look and our request. */
const mostLooks = 5;

const withdrawn = "withdrawn";

/** From which texts a consent cell is changed, and to what; with any text of `settled` it says so already. */
const changes = {
  granted: { from: [no, withdrawn], to: yes, settled: [yes], marked: "granting" },
  withdrawn: { from: [yes], to: withdrawn, settled: [no, withdrawn], marked: "withdrawing" },
} as const;
type Action = keyof typeof changes;

/** What became of one row: it shows the event, it is not where it was, or a person has written something else there. */
type Shown = "shown" | "moved" | "written over";

/** Shows in a lead's row that consent was given later. It is for people to read: what cannot be shown is a warning. */
export async function showGrant(sheet: Sheet, notice: ConsentNotice): Promise<Outcome> {
  const header = consentHeader(notice.purpose);
  const outcome = header === null ? delivered : await showIn(sheet, header, notice, "granted");
  if (outcome.type !== "rejected") return outcome;
  return { ...delivered, warnings: [`the sheet does not show the consent: ${outcome.reason.message}`] };
}

/** Shows in a lead's row that consent was withdrawn. */
export async function showWithdrawal(sheet: Sheet, notice: ConsentNotice): Promise<Outcome> {
  const { purpose } = notice;
  const header = consentHeader(purpose);
  return header === null
    ? byHand(`the sheet has no column that shows "${purpose}"; see to the lead's row`)
    : showIn(sheet, header, notice, "withdrawn");
}

const delivered = { type: "delivered" } as const;

/**
 * Changes what the consent column of a lead's row says, such as `yes` to `withdrawn`. Which row it is can only be said by
 * number, and a person may be sorting; so the cell is marked first, and what the id beside it was in that very moment is
 * answered along with it. Only then is it changed for good, or put back. In either case the cell is found by its mark, wherever
 * it has been moved.
 */
async function showIn(sheet: Sheet, header: string, notice: ConsentNotice, action: Action): Promise<Outcome> {
  const { lead } = notice;
  for (let looks = 0; looks < mostLooks; looks += 1) {
    const places = await locateRows(sheet, new Set([lead.id]));
    if (!places.ok) return forAPerson(places.trouble);
    // The list of dead letters says nothing of consent.
    const rows = places.value.filter(({ tab }) => tab.title !== sheet.options.failedTab);
    const shown: Shown[] = [];
    for (const place of rows) {
      const column = place.header.findIndex((text) => columnKey(text) === header);
      const answer =
        column < 0 ? ({ ok: true, value: "written over" } as const) : await show(sheet, place, column, notice, action);
      if (!answer.ok) return forAPerson(answer.trouble);
      shown.push(answer.value);
    }
    if (shown.includes("moved")) continue;
    if (shown.includes("written over"))
      return byHand(`the column "${header}" of the lead's row does not say yes or no; see to it`);
    return delivered;
  }
  return keepsMoving;
}

async function show(
  sheet: Sheet,
  place: Place,
  column: number,
  { lead, purpose }: ConsentNotice,
  action: Action,
): Promise<Answer<Shown>> {
  const { tab, row, idColumn, leadId, header } = place;
  const at = { startRowIndex: row, endRowIndex: row + 1, startColumnIndex: column, endColumnIndex: column + 1 };
  const { from, to, settled, marked } = changes[action];
  const range = { sheetId: tab.sheetId, ...at };
  const marks = from.map((find) => {
    const about = aboutOf(lead.id, purpose, action, find);
    return { about, find, replacement: openMark(marked, about) };
  });
  const setMarks = marks.map(({ find, replacement }) => ({
    findReplace: { find, replacement, matchCase: true, matchEntireCell: true, range },
  }));
  const cells = [
    { row, column: idColumn },
    { row: 0, column },
    { row, column },
  ];
  // An earlier attempt may have ended between mark and change.
  const seen = await updateAndSee(sheet, [...putBack(lead.id, purpose), ...setMarks], tab.title, cells);
  if (!seen.ok) return wasInTheWay(seen.trouble) ? { ok: true, value: "moved" } : seen;
  const [id = "", name, text = ""] = seen.value;
  const isThere = id.toLowerCase() === leadId && name === header[column]?.trim();
  if (!isThere) {
    const back = await update(sheet, putBack(lead.id, purpose));
    return back.ok ? { ok: true, value: "moved" } : back;
  }
  const mark = marks.find(({ replacement }) => replacement === text);
  if (!mark) return { ok: true, value: settled.some((one) => one === text) ? "shown" : "written over" };
  const changed = await update(sheet, [replaceMarked(mark.about, to, { allSheets: true })]);
  return changed.ok ? { ok: true, value: "shown" } : changed;
}

/** Gives cells that bear a mark of the lead their text back, wherever they are: it may have gone to another lead's row. */
export function putBackAll(lead: LeadId): object[] {
  return purposesShown.flatMap((purpose) => putBack(lead, purpose));
}

/** Whichever change the mark was for: an earlier attempt at it may have ended half-way, and never be made again. */
function putBack(lead: LeadId, purpose: Purpose): object[] {
  return (["granted", "withdrawn"] as const).flatMap((action) =>
    changes[action].from.map((text) => replaceMarked(aboutOf(lead, purpose, action, text), text, { allSheets: true })),
  );
}

function aboutOf(lead: LeadId, purpose: Purpose, action: Action, from: string): string {
  return `${lead} ${action} ${purpose} ${from}`;
}
