import { field } from "../../model/mapping.ts";
import type { MappedField } from "../shared/field-map.ts";

/** A contact property of ours, as `leadkeep setup hubspot` makes it. `from` is null when it is written in special cases only. */
export type OwnProperty = {
  name: string;
  label: string;
  description: string;
  type: "string" | "datetime" | "enumeration";
  fieldType: "text" | "textarea" | "date" | "booleancheckbox";
  unique: boolean;
  from: MappedField | null;
};

/** The property group ours are in. */
export const propertyGroup = { name: "leadkeep", label: "Leadkeep" };

/**
 * Names contacts without an e-mail: HubSpot finds a contact by a property only when its values are unique, per
 * https://developers.hubspot.com/docs/api-reference/latest/crm/properties/guide (read 2026-11).
 */
export const phoneKey = "lead_phone";

/** What HubSpot has no settable property for: its own source properties cannot be written in full by anybody but HubSpot. */
export const ownProperties: readonly OwnProperty[] = [
  text("utm_source", "UTM source", "Campaign source of the latest lead.", field("source.utm_source")),
  text("utm_medium", "UTM medium", "Campaign medium of the latest lead.", field("source.utm_medium")),
  text("utm_campaign", "UTM campaign", "Campaign of the latest lead.", field("source.utm_campaign")),
  text("utm_content", "UTM content", "Ad or link of the latest lead.", field("source.utm_content")),
  text("utm_term", "UTM term", "Search term of the latest lead.", field("source.utm_term")),
  text("gclid", "Google click id", "Google Ads click of the latest lead.", field("source.gclid")),
  text("fbclid", "Meta click id", "Meta Ads click of the latest lead.", field("source.fbclid")),
  text("msclkid", "Microsoft click id", "Microsoft Ads click of the latest lead.", field("source.msclkid")),
  area("lead_referrer", "Lead referrer", "The page that led to the form's page.", field("source.referrer")),
  area("lead_landing_page", "Lead page", "The page the form was sent from.", field("source.url")),
  text("lead_form", "Lead form", "The form of the latest lead.", field("form_name")),
  text("lead_submission_id", "Lead id", "The latest lead's id in Leadkeep.", field("lead_id")),
  time("lead_submitted_at", "Lead sent at", "When the latest lead was sent.", field("submitted_at")),
  yesNo("lead_consent", "Consent to be answered", "Whether the enquiry may be answered.", field("consent_given")),
  time("lead_consent_at", "Consent given at", "When that consent was given.", field("consent_timestamp")),
  area("lead_consent_text", "Consent wording", "What the person agreed to, word for word.", wordingFor("enquiry")),
  yesNo("lead_marketing_consent", "Marketing consent", "Whether marketing was agreed to.", answerFor("marketing")),
  {
    ...text(phoneKey, "Lead phone (key)", "Tells contacts without an e-mail apart; written to those only.", null),
    unique: true,
  },
];

function text(name: string, label: string, description: string, from: MappedField | null): OwnProperty {
  return { name, label, description, type: "string", fieldType: "text", unique: false, from };
}

function area(name: string, label: string, description: string, from: MappedField): OwnProperty {
  return { name, label, description, type: "string", fieldType: "textarea", unique: false, from };
}

function time(name: string, label: string, description: string, from: MappedField): OwnProperty {
  return { name, label, description, type: "datetime", fieldType: "date", unique: false, from };
}

function yesNo(name: string, label: string, description: string, from: MappedField): OwnProperty {
  return { name, label, description, type: "enumeration", fieldType: "booleancheckbox", unique: false, from };
}

function wordingFor(purpose: string): MappedField {
  return ({ consents }) => consents.findLast((consent) => consent.purpose === purpose)?.text ?? undefined;
}

/** Undefined when the person was not asked, so that an earlier answer stands. */
function answerFor(purpose: string): MappedField {
  return ({ consents }) => consents.findLast((consent) => consent.purpose === purpose)?.granted;
}
