import { defineWords } from "./words.ts";

export const deadLettersWords = defineWords({
  en: {
    title: "Dead letters",
    hint: "Deliveries that were given up. Nothing is lost: each stays until a person has seen to it.",
    empty: "No dead letters",
    emptyHint:
      "A delivery becomes one when its destination refuses it for good, or all tries are used up. It then stands here with its cause, and one click sends it again.",
    emptyAt: "No dead letters at {destination}",
    only: "Only those at {destination}",
    showAll: "Show all destinations",
    letters: { one: "{count} dead letter", other: "{count} dead letters" },
    between: "from {oldest} to {newest}",
    status: "answered {status}",
    replay: "Send again",
    replayNamed: "Send again to {destination}: {cause}",
    replayAll: "Send all again",
    replayTitle: "Send {count} again?",
    replayHint:
      "They go out once more with all their tries, and with the ids they had before, so that what did arrive after all is not there twice. If the cause is still there, they come back here.",
    replayAct: { one: "Send {count} again", other: "Send {count} again" },
    replayPaused: "Paused by a person, so that leads for it wait until it is resumed: {destinations}",
    replayGone: "They are not there any more: somebody has seen to them meanwhile.",
    notConfigured: "Not configured any more, so that they would only wait there: {destinations}",
    leads: "Show the leads",
    byHand:
      "Already seen to another way? Mark a whole cause as seen to by hand, or open a lead and mark that one. It then leaves this page, and the record keeps who said so.",
    onlyByHand: "No program can do this there: a person has to. Open the leads, do it, and mark it as seen to by hand.",
    handled: "Seen to by hand",
    handledNamed: "Seen to by hand: {destination}, {cause}",
    handledTitle: { one: "Seen to by hand?", other: "All {count} seen to by hand?" },
    handledHint: {
      one: "Marks the dead letter of this cause at {destination} as seen to by a person. It leaves this page and is not sent again. The record keeps who said so.",
      other:
        "Marks all {count} dead letters of this cause at {destination} as seen to by a person. They leave this page and are not sent again. The record keeps who said so.",
    },
    handledAct: { one: "It was seen to by hand", other: "All {count} were seen to by hand" },
    handledDone: { one: "{count} noted as seen to by hand", other: "{count} noted as seen to by hand" },
    handledChanged: "There are others of this cause by now, so nothing was noted. Close this and look at them again.",
    messages: { one: "and {count} more message of this kind", other: "and {count} more messages of this kind" },
  },
  de: {
    title: "Unzustellbar",
    hint: "Zustellungen, die aufgegeben wurden. Verloren ist nichts: Jede bleibt, bis sich jemand darum gekümmert hat.",
    empty: "Nichts ist unzustellbar",
    emptyHint:
      "Eine Zustellung wird es, wenn ihr Ziel sie endgültig ablehnt oder alle Versuche verbraucht sind. Sie steht dann mit ihrer Ursache hier, und ein Klick sendet sie noch einmal.",
    emptyAt: "Bei {destination} ist nichts unzustellbar",
    only: "Nur die bei {destination}",
    showAll: "Alle Ziele zeigen",
    letters: { one: "{count} unzustellbar", other: "{count} unzustellbar" },
    between: "von {oldest} bis {newest}",
    status: "antwortete {status}",
    replay: "Noch einmal senden",
    replayNamed: "Noch einmal senden an {destination}: {cause}",
    replayAll: "Alle noch einmal senden",
    replayTitle: "{count} noch einmal senden?",
    replayHint:
      "Sie gehen mit allen Versuchen noch einmal hinaus, unter denselben Kennungen wie zuvor, sodass nicht doppelt dort steht, was doch ankam. Besteht die Ursache fort, kommen sie hierher zurück.",
    replayAct: { one: "{count} noch einmal senden", other: "{count} noch einmal senden" },
    replayPaused: "Von einer Person angehalten, sodass Leads dafür warten, bis es fortgesetzt wird: {destinations}",
    replayGone: "Es gibt sie nicht mehr: Inzwischen hat sich jemand darum gekümmert.",
    notConfigured: "Nicht mehr eingerichtet, sodass sie dort nur warten würden: {destinations}",
    leads: "Leads zeigen",
    byHand:
      "Schon anders erledigt? Vermerken Sie bei einer ganzen Ursache, dass sie von Hand erledigt ist, oder öffnen Sie einen einzelnen Lead. Es verlässt dann diese Seite, und das Protokoll hält fest, wer das sagte.",
    handled: "Von Hand erledigt",
    handledNamed: "Von Hand erledigt: {destination}, {cause}",
    handledTitle: { one: "Von Hand erledigt?", other: "Alle {count} von Hand erledigt?" },
    handledHint: {
      one: "Vermerkt, dass sich ein Mensch um diese unzustellbare Sendung an {destination} gekümmert hat. Sie verlässt diese Seite und wird nicht noch einmal gesendet. Wer das gesagt hat, bleibt festgehalten.",
      other:
        "Vermerkt, dass sich ein Mensch um alle {count} unzustellbaren Sendungen dieser Ursache an {destination} gekümmert hat. Sie verlassen diese Seite und werden nicht noch einmal gesendet. Wer das gesagt hat, bleibt festgehalten.",
    },
    handledAct: { one: "Es ist von Hand erledigt", other: "Alle {count} sind von Hand erledigt" },
    handledDone: { one: "{count} als von Hand erledigt vermerkt", other: "{count} als von Hand erledigt vermerkt" },
    handledChanged:
      "Inzwischen gibt es andere dieser Ursache, deshalb wurde nichts vermerkt. Schließen Sie dies und sehen Sie sie noch einmal an.",
    onlyByHand:
      "Das kann dort kein Programm, nur ein Mensch. Öffnen Sie die Leads, erledigen Sie es, und vermerken Sie, dass es von Hand erledigt ist.",
    messages: { one: "und {count} weitere Meldung dieser Art", other: "und {count} weitere Meldungen dieser Art" },
  },
});
