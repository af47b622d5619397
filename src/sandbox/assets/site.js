// Adds what only a browser knows to the form when it is sent. Without JavaScript the form works all the same.
const form = document.querySelector("form");
const button = form?.querySelector("button");

form?.addEventListener("submit", () => {
  button.disabled = true;
  button.textContent = "Sending…";
  // One key per sending: a repeat of the same request is recognised, a second enquiry is not taken for one.
  // Browsers offer randomUUID on https and loopback only.
  if (crypto.randomUUID) add("_key", crypto.randomUUID());
  add("timezone", Intl.DateTimeFormat().resolvedOptions().timeZone);
  add("_attribution", JSON.stringify(attribution()));
});

// Coming back with the browser's back button shows the page as it was left.
addEventListener("pageshow", () => {
  if (!form) return;
  button.disabled = false;
  button.textContent = "Request my quote";
  for (const field of form.querySelectorAll("[data-added]")) field.remove();
});

function add(name, value) {
  const field = document.createElement("input");
  field.type = "hidden";
  field.name = name;
  field.value = value;
  field.dataset.added = "";
  form.append(field);
}

function attribution() {
  const campaignKeys = form.dataset.campaignKeys.split(" ");
  const campaign = [...new URLSearchParams(location.search)].filter(([key]) => campaignKeys.includes(key));
  return { url: location.href, referrer: document.referrer, ...Object.fromEntries(campaign) };
}
