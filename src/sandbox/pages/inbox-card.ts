import type { MailFault } from "../mail/mail-fault.ts";
import type { Site } from "./demo-site.ts";
import { type Html, html } from "./html.ts";

/** The switches of the mail server's card. */
const switches: readonly { name: string; label: string; fault: MailFault | null }[] = [
  { name: "works", label: "Works", fault: null },
  {
    name: "busy",
    label: "Answers 450, later please",
    fault: { type: "reply", at: "rcpt", code: 450, text: "4.2.1 Try again later" },
  },
  {
    name: "refused",
    label: "Refuses: 550 at RCPT TO",
    fault: { type: "reply", at: "rcpt", code: 550, text: "5.1.1 No such user here" },
  },
  {
    name: "rejected",
    label: "Refuses: 554 after DATA",
    fault: { type: "reply", at: "data", code: 554, text: "5.7.1 Looks like spam" },
  },
  { name: "hang", label: "Never answers", fault: { type: "hang", at: "data" } },
  { name: "lost", label: "Takes it, the 250 is lost", fault: { type: "drop", at: "data", applied: true } },
  {
    name: "sender",
    label: "Refuses the sender",
    fault: { type: "reply", at: "mail", code: 530, text: "5.7.0 Authentication required" },
  },
];

/** The inbox of everybody mail was sent to; its script fills it in, once a second. */
export function inboxCard(site: Site | null): Html {
  return html`
      <section class="card inbox" id="inbox" aria-labelledby="inbox-title">
        <div class="card-head">
          <h2 id="inbox-title">Mail</h2>
          <p class="state" data-slot="state" role="status">Works</p>
        </div>
        <code class="url" data-slot="url"></code>
        <fieldset class="switches">
          <legend>Behaviour</legend>
          ${switches.map(
            (choice) => html`
          <label><input type="radio" name="inbox-fault" value="${choice.name}" data-fault="${JSON.stringify(choice.fault)}"${
            choice.fault ? null : html` checked`
          }><span>${choice.label}</span></label>`,
          )}
        </fieldset>
        <p class="counts" aria-live="polite" data-slot="counts">Nothing received</p>
        <ol class="received" data-slot="received" aria-label="Mails received, newest first"></ol>
        <p class="empty" data-slot="empty">Nothing yet. ${
          site ? html`<a href="/">Send the form on the demo site</a>` : "Send a form"
        } and the mails to the team and to the person show up here.</p>
      </section>`;
}
