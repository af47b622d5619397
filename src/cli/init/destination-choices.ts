import { environment } from "../../config/environment.ts";
import type { DestinationChoice } from "./choices.ts";

/** A variable of a destination. A secret is typed at the keyboard or into `.env`, and never shown. */
export type ChoiceVariable = { name: keyof typeof environment.shape; secret: boolean };

const secret = (name: ChoiceVariable["name"]): ChoiceVariable => ({ name, secret: true });
const open = (name: ChoiceVariable["name"]): ChoiceVariable => ({ name, secret: false });

/** The destinations that variables turn on. The address of a hook is a secret: whoever has it can send there. */
export const destinationChoices = [
  { id: "hubspot", label: "HubSpot", variables: [secret("HUBSPOT_ACCESS_TOKEN")] },
  { id: "pipedrive", label: "Pipedrive", variables: [secret("PIPEDRIVE_API_TOKEN"), open("PIPEDRIVE_DOMAIN")] },
  {
    id: "sheets",
    label: "Google Sheets",
    variables: [open("GOOGLE_SHEET_ID"), open("GOOGLE_SERVICE_ACCOUNT_EMAIL"), secret("GOOGLE_PRIVATE_KEY")],
  },
  { id: "zapier", label: "Zapier", variables: [secret("ZAPIER_WEBHOOK_URL")] },
  { id: "make", label: "Make", variables: [secret("MAKE_WEBHOOK_URL")] },
  { id: "webhook", label: "Any webhook", variables: [secret("CRM_WEBHOOK_URL"), secret("CRM_WEBHOOK_SECRET")] },
  {
    id: "mail",
    label: "E-mail to the team and to the person",
    variables: [secret("SMTP_URL"), open("MAIL_FROM"), open("MAIL_TO")],
  },
] as const satisfies readonly { id: DestinationChoice; label: string; variables: readonly ChoiceVariable[] }[];

/** The variables of chosen destinations, in the order of the list. */
export function variablesOf(chosen: readonly DestinationChoice[]): ChoiceVariable[] {
  return destinationChoices.filter(({ id }) => chosen.includes(id)).flatMap(({ variables }) => [...variables]);
}

/** Completes the sentence "Set it to …". */
export function whatIs(name: ChoiceVariable["name"]): string {
  return environment.shape[name].description ?? name;
}

/** Every variable a flag may give: those that are no secret. */
export const openVariables = destinationChoices.flatMap(({ variables }) =>
  variables.filter((variable) => !variable.secret).map(({ name }) => name),
);
