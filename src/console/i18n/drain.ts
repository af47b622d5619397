import { defineWords } from "./words.ts";

/** The progress of what was set going again in bulk. */
export const drainWords = defineWords({
  en: {
    title: "Sending to {destination}",
    queueing: { one: "Putting {count} delivery in the queue…", other: "Putting {count} deliveries in the queue…" },
    progress: "{settled} of {total}",
    waiting: "{count} still waiting",
    delivered: "{count} delivered",
    dead: { one: "{count} dead letter again", other: "{count} dead letters again" },
    other: "{count} ended otherwise",
    paused: "The destination is paused: what waits goes out once it is resumed.",
    done: "Done at {destination}",
    stopWatching: "Stop watching",
    stopWatchingHint: "The deliveries go on; only this progress is put away.",
  },
  de: {
    title: "Wird an {destination} gesendet",
    queueing: {
      one: "{count} Zustellung wird eingereiht …",
      other: "{count} Zustellungen werden eingereiht …",
    },
    progress: "{settled} von {total}",
    waiting: "{count} warten noch",
    delivered: "{count} zugestellt",
    dead: { one: "{count} wieder unzustellbar", other: "{count} wieder unzustellbar" },
    other: "{count} endeten anders",
    paused: "Das Ziel ist angehalten: Was wartet, geht hinaus, sobald es fortgesetzt wird.",
    done: "Fertig bei {destination}",
    stopWatching: "Nicht mehr zeigen",
    stopWatchingHint: "Die Zustellungen gehen weiter; nur diese Anzeige verschwindet.",
  },
});
