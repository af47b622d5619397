import { createAttribution } from "./attribution.ts";
import { beacon, flush, resume, submit } from "./sending.ts";

/**
 * START HERE. The visitor's script: sends every `<form data-leadkeep>` so that nothing typed is lost. A form that is sent goes
 * into the outbox first and leaves it when the gateway has the lead or says never. Meanwhile it is sent again, always with the
 * same key, so that it arrives once.
 */
const attribution = createAttribution((document.currentScript as HTMLScriptElement).dataset);
window.leadkeep = attribution;

// On the window, behind the page's own listeners: what they stop stays stopped. Forms added later are heard too.
addEventListener("submit", (event) => {
  const form = event.target as HTMLFormElement;
  if (event.defaultPrevented || !form.matches("form[data-leadkeep]")) return;
  event.preventDefault();
  if (!form.hasAttribute("aria-busy")) submit(form, event.submitter, attribution.snapshot());
});

addEventListener("online", flush);
addEventListener("visibilitychange", () => (document.hidden ? beacon() : flush()));
addEventListener("pageshow", flush);
resume();
