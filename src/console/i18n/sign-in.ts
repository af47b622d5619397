import { defineWords } from "./words.ts";

export const signInWords = defineWords({
  en: {
    title: "Sign in",
    hint: "Every lead your forms took, and where it went.",
    email: "E-mail",
    emailOptional: "E-mail (empty for the admin password)",
    password: "Password",
    showPassword: "Show what is typed",
    submit: "Sign in",
    wrong: "That is not right. Check the password, and the e-mail if you gave one.",
    tooMany: {
      one: "Too many tries. Wait {count} second, then try again.",
      other: "Too many tries. Wait {count} seconds, then try again.",
    },
    linkTitle: "Signing you in…",
    linkUsed: "This link has been used or is too old",
    linkUsedHint: "A sign-in link works once and for 24 hours. Ask the machine that runs Leadkeep for a new one:",
    noLogin: "There is no password yet",
    noLoginHint:
      "Open the sign-in link that “leadkeep start” printed, or ask the machine that runs Leadkeep for a new one. Or set LEADKEEP_ADMIN_PASSWORD and start it again.",
    again: "Sign in another way",
  },
  de: {
    title: "Anmelden",
    hint: "Jeder Lead Ihrer Formulare, und wohin er ging.",
    email: "E-Mail",
    emailOptional: "E-Mail (leer beim Admin-Passwort)",
    password: "Passwort",
    showPassword: "Eingabe zeigen",
    submit: "Anmelden",
    wrong: "Das stimmt nicht. Prüfen Sie das Passwort, und die E-Mail, falls angegeben.",
    tooMany: {
      one: "Zu viele Versuche. Warten Sie {count} Sekunde und versuchen Sie es dann noch einmal.",
      other: "Zu viele Versuche. Warten Sie {count} Sekunden und versuchen Sie es dann noch einmal.",
    },
    linkTitle: "Sie werden angemeldet …",
    linkUsed: "Dieser Link wurde schon benutzt oder ist zu alt",
    linkUsedHint:
      "Ein Anmelde-Link gilt einmal und 24 Stunden lang. Einen neuen gibt die Maschine aus, auf der Leadkeep läuft:",
    noLogin: "Es gibt noch kein Passwort",
    noLoginHint:
      "Öffnen Sie den Anmelde-Link, den „leadkeep start“ ausgegeben hat, oder lassen Sie auf der Maschine, auf der Leadkeep läuft, einen neuen ausgeben. Oder setzen Sie LEADKEEP_ADMIN_PASSWORD und starten Sie neu.",
    again: "Anders anmelden",
  },
});
