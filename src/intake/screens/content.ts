import type { ScreeningReason } from "../../model/lead.ts";
import { screenDisposable } from "./disposable.ts";
import { screenDisguise, screenGibberish } from "./letters.ts";
import { countLinks, noLinks, screenLinkInName, screenLinks } from "./links.ts";
import { screenMarkup } from "./markup.ts";
import { scan } from "./scan.ts";
import type { Screened } from "./screened.ts";
import { screenStuffing } from "./stuffing.ts";
import { screenWording } from "./wording.ts";

/** What a submission says by itself. `wording`: whether its topics count. Pure. */
export function screenContent(screened: Screened, wording: boolean): (ScreeningReason | null)[] {
  const seen = scan(screened.lower);
  const links = seen.mayHoldLink ? countLinks(screened.lower) : noLinks;
  const findings = [
    screenLinks(screened.lower, links),
    screenLinkInName(screened),
    seen.mayHoldCode ? screenMarkup(screened) : null,
    screenDisguise(screened, seen),
    screenGibberish(screened),
    screenStuffing(screened),
    screenDisposable(screened),
  ];
  return wording ? [...findings, ...screenWording(seen.phrases, screened, links.count > 0)] : findings;
}
