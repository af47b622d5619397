/** What the pages for a person say. */
export type PageTexts = typeof english;
export type PageLanguage = "en" | "de";

const english = {
  purposes: {
    enquiry: "Answering your enquiry",
    marketing: "News and offers",
  } as Readonly<Record<string, string>>,
  otherPurpose: "Another purpose",
  recipients: "Named as receiving your details:",

  notFound: {
    title: "Nothing here",
    text: "This link does not work. Perhaps a part of it got lost: open it from the mail once more.",
  },
  unavailable: {
    title: "Please try again",
    text: "Nothing was changed, because our records cannot be reached just now. Please try again in a minute.",
  },
  unreadable: { title: "Please try again", text: "What your browser sent could not be read. Nothing was changed." },
  forgotten: {
    title: "Nothing is kept of you any more",
    text: "We keep nothing about you from this enquiry any more. There is nothing left for you to do.",
  },

  confirm: {
    title: "Please confirm",
    text: "You agreed to this in our form:",
    ask: "It counts once you have pressed the button. If it was not you, just close this page: nothing will happen.",
    button: "Yes, I agree",
  },
  confirmed: { title: "Thank you, that is confirmed", text: "You can withdraw your consent at any time." },
  already: { title: "Confirmed already", text: "You have confirmed this before. There is nothing more to do." },
  wasWithdrawn: {
    title: "You have withdrawn this",
    text: "You have withdrawn your consent since, so there is nothing to confirm.",
  },
  void: { title: "This link is not good any more", text: "There is nothing to confirm by it." },
  expired: {
    title: "This link has expired",
    text: "Links to confirm are good for 7 days. We can send you a new one, to the same address.",
    button: "Send a new link",
  },
  resent: { title: "A new link is on its way", text: "It comes by mail within a few minutes. See among the spam too." },
  limit: {
    title: "No more links can be sent",
    text: "We send at most three of these mails for one enquiry, and all were sent. If you still want to agree, please fill in the form once more or write to us.",
  },

  withdraw: {
    title: "Withdraw your consent",
    text: "Choose what you no longer agree to. It holds from now on, for all your enquiries to us.",
    none: "Please choose at least one.",
    button: "Withdraw",
  },
  nothing: {
    title: "There is nothing to withdraw",
    text: "No consent of yours is on record, or all of it is withdrawn already.",
  },
  done: {
    title: "Your consent is withdrawn",
    text: "From now on your details are no longer used for:",
    told: "Where they were passed on, we pass this on too.",
    undo: "Did you not mean to? For an hour you can take it back.",
    keep: "Keep my consent",
  },
  kept: { title: "Your consent is kept", text: "All is as it was before." },
  tooLate: {
    title: "This cannot be taken back any more",
    text: "If you want to agree again, please fill in the form once more.",
  },
  keepAsk: { title: "Keep your consent?", text: "You have just withdrawn it. By the button you give it again:" },
};

const german: PageTexts = {
  purposes: {
    enquiry: "Beantwortung Ihrer Anfrage",
    marketing: "Neuigkeiten und Angebote",
  },
  otherPurpose: "Ein weiterer Zweck",
  recipients: "Als Empfänger Ihrer Angaben genannt:",

  notFound: {
    title: "Hier ist nichts",
    text: "Dieser Link funktioniert nicht. Vielleicht ist ein Teil verloren gegangen: Öffnen Sie ihn noch einmal aus der E-Mail.",
  },
  unavailable: {
    title: "Bitte noch einmal versuchen",
    text: "Es wurde nichts geändert, weil unsere Aufzeichnungen gerade nicht erreichbar sind. Bitte versuchen Sie es in einer Minute noch einmal.",
  },
  unreadable: {
    title: "Bitte noch einmal versuchen",
    text: "Was Ihr Browser gesendet hat, war nicht lesbar. Es wurde nichts geändert.",
  },
  forgotten: {
    title: "Von Ihnen ist nichts mehr gespeichert",
    text: "Aus dieser Anfrage ist von Ihnen nichts mehr gespeichert. Sie müssen nichts weiter tun.",
  },

  confirm: {
    title: "Bitte bestätigen Sie",
    text: "Sie haben in unserem Formular zugestimmt:",
    ask: "Es gilt erst, wenn Sie auf die Schaltfläche drücken. Waren Sie das nicht? Dann schließen Sie einfach diese Seite, und es geschieht nichts.",
    button: "Ja, ich stimme zu",
  },
  confirmed: { title: "Vielen Dank, das ist bestätigt", text: "Sie können Ihre Einwilligung jederzeit widerrufen." },
  already: { title: "Schon bestätigt", text: "Sie haben das bereits bestätigt. Es ist nichts weiter zu tun." },
  wasWithdrawn: {
    title: "Sie haben das widerrufen",
    text: "Sie haben Ihre Einwilligung inzwischen widerrufen. Zu bestätigen ist daher nichts.",
  },
  void: { title: "Dieser Link gilt nicht mehr", text: "Mit ihm ist nichts zu bestätigen." },
  expired: {
    title: "Dieser Link ist abgelaufen",
    text: "Links zum Bestätigen gelten 7 Tage. Wir können Ihnen einen neuen schicken, an dieselbe Adresse.",
    button: "Neuen Link schicken",
  },
  resent: {
    title: "Ein neuer Link ist unterwegs",
    text: "Er kommt in wenigen Minuten per E-Mail. Sehen Sie auch im Spam-Ordner nach.",
  },
  limit: {
    title: "Es kann kein weiterer Link geschickt werden",
    text: "Zu einer Anfrage schicken wir höchstens drei solcher E-Mails, und alle sind verschickt. Möchten Sie weiterhin zustimmen, füllen Sie bitte das Formular noch einmal aus oder schreiben Sie uns.",
  },

  withdraw: {
    title: "Einwilligung widerrufen",
    text: "Wählen Sie, womit Sie nicht mehr einverstanden sind. Das gilt ab sofort und für alle Ihre Anfragen an uns.",
    none: "Bitte wählen Sie mindestens eine aus.",
    button: "Widerrufen",
  },
  nothing: {
    title: "Es gibt nichts zu widerrufen",
    text: "Von Ihnen ist keine Einwilligung vermerkt, oder alle sind schon widerrufen.",
  },
  done: {
    title: "Ihre Einwilligung ist widerrufen",
    text: "Ihre Angaben werden ab sofort nicht mehr verwendet für:",
    told: "Wurden sie weitergegeben, geben wir auch den Widerruf weiter.",
    undo: "War das ein Versehen? Eine Stunde lang können Sie es zurücknehmen.",
    keep: "Einwilligung behalten",
  },
  kept: { title: "Ihre Einwilligung bleibt bestehen", text: "Alles ist wie zuvor." },
  tooLate: {
    title: "Das lässt sich nicht mehr zurücknehmen",
    text: "Möchten Sie wieder zustimmen, füllen Sie bitte das Formular noch einmal aus.",
  },
  keepAsk: {
    title: "Einwilligung behalten?",
    text: "Sie haben sie eben widerrufen. Mit der Schaltfläche erteilen Sie sie wieder:",
  },
};

const byLanguage: Readonly<Record<PageLanguage, PageTexts>> = { en: english, de: german };

export function pageTexts(language: PageLanguage): PageTexts {
  return byLanguage[language];
}

/** The language of an `Accept-Language` header that the pages are written in and its sender prefers; English when none is. */
export function pageLanguage(acceptLanguage: string | null): PageLanguage {
  const wanted = (acceptLanguage ?? "").split(",").map((entry, index) => {
    const [range = "", ...parameters] = entry.split(";").map((part) => part.trim().toLowerCase());
    const q = Number(parameters.find((one) => one.startsWith("q="))?.slice(2) ?? 1);
    return { language: range.split("-")[0], q: Number.isFinite(q) ? q : 0, index };
  });
  const sorted = wanted.filter(({ q }) => q > 0).sort((one, other) => other.q - one.q || one.index - other.index);
  return sorted.find(({ language }) => language === "de" || language === "en")?.language === "de" ? "de" : "en";
}
