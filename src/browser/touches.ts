/** One visit: the page, where from, when (epoch milliseconds), and the campaign parameters of its address by their names. */
export type Touch = { url: string; referrer: string; at: number; [parameter: string]: string | number };

/** What is kept of visits. Each is one whole visit; nothing is ever moved from one to another. */
export type Touches = {
  first?: Touch | undefined;
  last?: Touch | undefined;
  /** A visit with a bare click id, later than a `last` that has a campaign. */
  click?: Touch | undefined;
};

/** UTM values and click ids by their names, as `src/model/attribution.ts` lists them, and those of their kind to come. */
const known = /^utm_|(cl(ick|k)?|fat_|rdt_c|ScC)id$|braid$|^epik$/;
/** Kept visits are forgotten after half a year. */
const longestKeptMs = 15_552e6;

/** A visit as the page's address tells it. Values come as they are: click ids are case-sensitive. The first of several wins. */
export function touchOf(url: string, referrer: string, at: number, ownNames: readonly string[]): Touch {
  const touch: Touch = { url, referrer, at };
  new URL(url).searchParams.forEach((value, name) => {
    if (known.test(name) || ownNames.includes(name)) touch[name] ??= value;
  });
  return touch;
}

/**
 * What to keep once a visit is added. The first stays what it was. A visit with a campaign or from another site becomes the last
 * one; a direct one, or a step within the site, does not. A bare click id does not take the place of a campaign: it is kept beside it.
 */
export function withTouch({ first, last, click }: Touches, now: Touch): Touches {
  if (!first || now.at - first.at > longestKeptMs) return { first: now, last: now };
  // Beside what every visit has.
  const parameters = Object.keys(now).length - 3;
  if (parameters && hasCampaign(last) && !hasCampaign(now)) return { first, last, click: now };
  return parameters || isReferral(now) ? { first, last: now } : { first, last, click };
}

function hasCampaign(touch: Touch | undefined): boolean {
  return /"utm_/.test(JSON.stringify(touch));
}

function isReferral({ url, referrer }: Touch): boolean {
  return !!referrer && !referrer.startsWith(new URL(url).origin);
}
