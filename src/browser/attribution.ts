import { type ConsentCommand, listen, type Signals, visitorIds, withCommand } from "./consent.ts";
import { load, type StorageName, save } from "./storage.ts";
import { type Touch, type Touches, touchOf, withTouch } from "./touches.ts";

const storageName = "leadkeep.touches";

export type Attribution = {
  /** The `_attribution` of a form that is sent now: this page, and what consent allows beyond it. */
  snapshot(): string;
  /** Tells what the visitor chose: `{ ad_storage: true, analytics_storage: false }`. A refusal deletes what was kept. */
  consent(told: Record<string, unknown>): void;
};

declare global {
  interface Window {
    dataLayer?: unknown[][];
    leadkeep?: Attribution;
  }
}

/**
 * Watches consent from now on, and keeps visits as the attributes of the script's tag say: `data-mode` (`page` keeps nothing, and
 * is the default; `session`, `persistent`) and `data-keys` (more parameters to keep).
 */
export function createAttribution({ mode = "", keys = "" }: DOMStringMap): Attribution {
  const storage = ({ session: "sessionStorage", persistent: "localStorage" } as Record<string, StorageName>)[mode];
  const ownNames = keys.split(" ");
  const visit = here();
  let signals: Signals = {};

  function here(): Touch {
    return touchOf(location.href, document.referrer, Date.now(), ownNames);
  }

  function kept(): Touches {
    return (signals.ad_storage === "granted" && (load(storage, storageName) as Touches)) || {};
  }

  function hear(source: string, command: ConsentCommand, told: Record<string, unknown>): void {
    signals = { ...withCommand(signals, command, told), source, at: new Date() };
    if (signals.ad_storage === "granted") save(storage, storageName, withTouch(kept(), visit));
    else if (command === "update" && told?.ad_storage != null) save(storage, storageName, null);
  }

  window.dataLayer ??= [];
  listen(window.dataLayer, (command, told) => hear("gcm", command, told));

  return {
    snapshot: () =>
      JSON.stringify({
        ...here(),
        page_title: document.title,
        ...visitorIds(signals, () => document.cookie),
        ...kept(),
        consent: signals.at && signals,
      }),
    consent: (told) => hear("site", "update", told),
  };
}
