import { defineWords } from "./words.ts";

/** The list of destinations, and what the pages of one share with it. */
export const destinationsWords = defineWords({
  en: {
    title: "Destinations",
    hint: "Where leads go, and whether they get there.",
    empty: "No destination yet",
    emptyHint:
      "Leads are kept, but go nowhere. Set the variables of one, a HubSpot token or a webhook’s address for instance, and start again. What came meanwhile can be sent afterwards.",
    toSetup: "To the set-up",
    share: "Delivered",
    shareHint:
      "Of what was delivered in the last seven days and what still waits or is dead: the share that has arrived",
    wait: "Usual time",
    waitHint: "Half of the last seven days’ leads had arrived within this time",
    within: "within {span}",
    waiting: "Waiting",
    oldest: "the oldest:",
    dead: "Dead letters",
    withheld: "Withheld",
    last: "Last success",
    pause: "Pause",
    resume: "Resume",
    pauseNamed: "Pause {destination}",
    resumeNamed: "Resume {destination}",
    paused: "{destination} is paused; leads for it wait",
    resumed: "{destination} is resumed; what waited goes out",
    "pausedBy-person": "Paused by a person",
    "pausedBy-machine": "Paused by the gateway: {reason}",
    since: "since",
    "cure-person": "Leads for it wait and lose nothing. Resume it when it is to receive them again.",
    "cure-unauthorized":
      "Its credentials are not accepted. Put valid ones into the configuration and start again; then resume it.",
    "cure-payment_required": "The account there has to be paid for. Then resume it.",
    "cure-gone": "The address is gone there. Put the new one into the configuration and start again; then resume it.",
    "cure-redirected":
      "The address has moved. Put the final one into the configuration and start again; then resume it.",
    "cure-other": "See to the cause, then resume it; what waits goes out.",
    down: "It does not answer as it should",
    downHint:
      "One lead at a time is tried by itself; the rest follows once it answers. No attempt is lost by the waiting.",
  },
  de: {
    title: "Ziele",
    hint: "Wohin Leads gehen, und ob sie ankommen.",
    empty: "Noch kein Ziel",
    emptyHint:
      "Leads werden verwahrt, gehen aber nirgends hin. Setzen Sie die Variablen für eines, etwa einen HubSpot-Token oder die Adresse eines Webhooks, und starten Sie neu. Was inzwischen kam, lässt sich danach senden.",
    toSetup: "Zur Einrichtung",
    share: "Zugestellt",
    shareHint:
      "Von dem, was in den letzten sieben Tagen zugestellt wurde und was noch wartet oder unzustellbar ist: der Anteil, der ankam",
    wait: "Übliche Dauer",
    waitHint: "Die Hälfte der Leads der letzten sieben Tage war in dieser Zeit angekommen",
    within: "in {span}",
    waiting: "Wartend",
    oldest: "der älteste:",
    dead: "Unzustellbar",
    withheld: "Zurückgehalten",
    last: "Letzter Erfolg",
    pause: "Anhalten",
    resume: "Fortsetzen",
    pauseNamed: "{destination} anhalten",
    resumeNamed: "{destination} fortsetzen",
    paused: "{destination} ist angehalten; Leads dafür warten",
    resumed: "{destination} läuft wieder; was wartete, geht hinaus",
    "pausedBy-person": "Von einer Person angehalten",
    "pausedBy-machine": "Vom Gateway angehalten: {reason}",
    since: "seit",
    "cure-person": "Leads dafür warten, verloren geht nichts. Setzen Sie es fort, wenn es wieder Leads bekommen soll.",
    "cure-unauthorized":
      "Seine Zugangsdaten werden nicht angenommen. Tragen Sie gültige in die Konfiguration ein, starten Sie neu und setzen Sie es dann fort.",
    "cure-payment_required": "Das Konto dort muss bezahlt werden. Setzen Sie es dann fort.",
    "cure-gone":
      "Die Adresse gibt es dort nicht mehr. Tragen Sie die neue in die Konfiguration ein, starten Sie neu und setzen Sie es dann fort.",
    "cure-redirected":
      "Die Adresse ist umgezogen. Tragen Sie die endgültige in die Konfiguration ein, starten Sie neu und setzen Sie es dann fort.",
    "cure-other": "Beheben Sie die Ursache und setzen Sie es dann fort; was wartet, geht hinaus.",
    down: "Es antwortet nicht, wie es soll",
    downHint:
      "Von selbst wird ein Lead nach dem anderen versucht; der Rest folgt, sobald es antwortet. Durch das Warten geht kein Versuch verloren.",
  },
});
