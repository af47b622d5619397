/** By the code of the reason a lane was paused for. */
const pauseCures = {
  unauthorized:
    "Its credentials are not accepted. Put valid ones into the configuration and start again; then resume it.",
  missing_scope: "Its token lacks a right. Add the right at the vendor, or make a token that has it; then resume it.",
  plan_limit: "The plan of the account there does not allow it. Raise the plan or make room; then resume it.",
  forbidden: "The account there, or its plan, does not allow it. See to that at the vendor; then resume it.",
  payment_required: "The account there needs to be paid for. Then resume it.",
  gone: "The address is gone there. Put the new one into the configuration and start again; then resume it.",
  redirected: "The address has moved. Put the final one into the configuration and start again; then resume it.",
  form_not_found: "The form is gone there. Put the id of one that exists into the configuration and start again.",
  header_gone: "The header row of the sheet is gone or was changed. Put it back as it was; then resume it.",
  private_address:
    "The address is a private one. Correct it, or allow it: name it in LEADKEEP_ALLOW_HOSTS, or set LEADKEEP_ALLOW_PRIVATE_NETWORK=1.",
  bad_port: "The port of the address belongs to another protocol. Correct the address and start again; then resume it.",
  wrong_scheme: "The address is neither http nor https. Correct it and start again; then resume it.",
  sender_refused:
    "Set MAIL_FROM to an address this account may send as, or verify its domain with the provider; then resume it.",
  certificate: "The mail server's certificate is not for this host name. Correct the name in SMTP_URL and start again.",
  other: "See to the cause, then resume it; what waits goes out.",
} as const satisfies Record<string, string> as { other: string; [code: string]: string | undefined };

/** What a person has to do so that a destination paused for this reason takes leads again. */
export function pauseCure(code: string): string {
  return pauseCures[code] ?? pauseCures.other;
}

/** What a person has to do about leads that are not tried again for this reason. */
export function deadLetterCure(code: string): string {
  if (code === "by_hand") return "Do it by hand there, then note in the console that it was seen to.";
  return "See to the cause, then send them again; or note that they were seen to by hand.";
}
