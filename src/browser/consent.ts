/** Google's consent signals by name, each `granted` or `denied`. What nobody spoke of is absent, and is no grant. */
export type Signals = { readonly [signal: string]: unknown };

/** What was told: by `default` (before the visitor chose) or by `update` (their choice). */
export type ConsentCommand = "default" | "update";

/**
 * The signals after a command of Consent Mode, per https://developers.google.com/tag-platform/security/guides/consent (read 2026-11).
 * A default lifts no refusal, since one with a region may not be meant for this visitor.
 */
export function withCommand(signals: Signals, command: ConsentCommand, told: Record<string, unknown>): Signals {
  const next: Record<string, unknown> = { ...signals };
  for (const name in told) {
    if (/^(ad|analytics)_/.test(name) && (command === "update" || next[name] !== "denied"))
      next[name] = /^(true|granted)$/.test(`${told[name]}`) ? "granted" : "denied";
  }
  return next;
}

/** Hears every consent command in a data layer: those already there, and those still to come. */
export function listen(
  dataLayer: { [index: number]: unknown }[],
  heard: (command: ConsentCommand, told: Record<string, unknown>) => void,
): void {
  const read = (item: { [index: number]: unknown }): void => {
    if (item?.[0] === "consent") heard(item[1] as ConsentCommand, item[2] as Record<string, unknown>);
  };
  dataLayer.forEach(read);
  const { push } = dataLayer;
  dataLayer.push = (...items) => {
    items.forEach(read);
    return push.apply(dataLayer, items);
  };
}

/** The ad and analytics cookies' values as they are, each only with the consent it needs. `cookies` is not called without any. */
export function visitorIds(signals: Signals, cookies: () => string): Record<string, string> {
  const ids: Record<string, string> = {};
  const readable = Object.values(signals).includes("granted") ? cookies() : "";
  for (const [, name, value] of readable.matchAll(/\b(_fb[pc]|hubspotutk|_ga\w*)=([^;]+)/g) as Iterable<
    [string, string, string]
  >) {
    if (signals[/^_f/.test(name) ? "ad_storage" : "analytics_storage"] === "granted") ids[name] = value;
  }
  return ids;
}
