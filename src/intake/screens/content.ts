import type { ScreeningReason } from "../../model/lead.ts";
import { screenDisposable } from "./disposable.ts";
import { screenDisguise, screenGibberish } from "./letters.ts";
import { countLinks, screenLinkInName, screenLinks } from "./links.ts";
import { screenMarkup } from "./markup.ts";
import type { Screened } from "./screened.ts";
import { screenStuffing } from "./stuffing.ts";
import { screenWording } from "./wording.ts";

/** What a submission says by itself. `wording`: whether its topics count. Pure. */
export function screenContent(screened: Screened, wording: boolean): (ScreeningReason | null)[] {
  const links = countLinks(screened.prose);
  const topics = wording ? screenWording(screened) : [];
  const offersWithLink = links.count > 0 && topics.some(({ code, points }) => code !== "topic_pitch" && points >= 3);
  return [
    screenLinks(screened.prose, links),
    screenLinkInName(screened),
    screenMarkup(screened),
    screenDisguise(screened),
    screenGibberish(screened),
    screenStuffing(screened),
    screenDisposable(screened),
    ...topics,
    offersWithLink ? offerWithLink : null,
  ];
}

const offerWithLink: ScreeningReason = { code: "offer_with_link", points: 4, message: "an offer with a link to it" };
