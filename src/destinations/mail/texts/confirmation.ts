import * as z from "zod";

const word = z.string().min(1);

/** What the consent-confirmation says. It must not advertise anything: what it asks for is not yet given. */
export const confirmationTexts = z.strictObject({
  subject: word,
  preview: word,
  title: word,
  greeting: word,
  /** What happened: somebody agreed to what follows. */
  agreed: word,
  /** Above the wording of each consent. */
  wording: word,
  /** Before the names of those who receive the data. */
  recipients: word,
  /** What to do, and what comes of it. */
  press: word,
  button: word,
  /** How long the link is good. `{days}` is filled in. */
  validity: word,
  /** What if it was somebody else. */
  ignore: word,
  closing: word,
  /** Why the person gets this mail. */
  why: word,
});
export type ConfirmationTexts = z.output<typeof confirmationTexts>;

/** English. */
export const englishConfirmation: ConfirmationTexts = {
  subject: "Please confirm your consent",
  preview: "One press of a button, and your consent counts.",
  title: "Do you agree to this?",
  greeting: "Hello,",
  agreed: "in a form of {brand} somebody gave this address and agreed to what follows. Was it you?",
  wording: "The wording",
  recipients: "Named as receiving your details: {recipients}",
  press: "Then please press the button, and confirm on the page that opens. Your consent counts only after that.",
  button: "To the confirmation",
  validity: "The link is good for {days} days.",
  ignore:
    "Was it not you, or have you changed your mind? Then do nothing: without your confirmation there is no consent.",
  closing: "Kind regards,\n{brand}",
  why: "You get this mail because this address was entered in a form of {brand}, to make sure that its owner agrees.",
};

/** German. */
export const germanConfirmation: ConfirmationTexts = {
  subject: "Bitte bestätigen Sie Ihre Einwilligung",
  preview: "Mit einem Klick gilt Ihre Einwilligung.",
  title: "Stimmen Sie zu?",
  greeting: "Guten Tag,",
  agreed:
    "in einem Formular von {brand} hat jemand diese Adresse angegeben und dem Folgenden zugestimmt. Waren Sie das?",
  wording: "Der Wortlaut",
  recipients: "Als Empfänger Ihrer Angaben genannt: {recipients}",
  press:
    "Dann drücken Sie bitte auf die Schaltfläche und bestätigen Sie auf der Seite, die sich öffnet. Erst danach gilt Ihre Einwilligung.",
  button: "Zur Bestätigung",
  validity: "Der Link gilt {days} Tage.",
  ignore:
    "Waren Sie das nicht, oder haben Sie es sich anders überlegt? Dann tun Sie nichts: Ohne Ihre Bestätigung gibt es keine Einwilligung.",
  closing: "Freundliche Grüße\n{brand}",
  why: "Sie erhalten diese E-Mail, weil diese Adresse in ein Formular von {brand} eingetragen wurde und wir sichergehen wollen, dass ihre Inhaberin oder ihr Inhaber zustimmt.",
};
