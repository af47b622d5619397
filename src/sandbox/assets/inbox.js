// Keeps the inbox up to date. A mail's HTML is shown in a frame that may neither run nor load anything.
const pollMs = 1000;
const inbox = document.querySelector("#inbox");
const slot = (name) => inbox.querySelector(`[data-slot="${name}"]`);
const clock = new Intl.DateTimeFormat(undefined, { timeStyle: "medium" });
let changes = 0;

inbox.addEventListener("change", async ({ target }) => {
  if (!target.dataset.fault) return;
  changes += 1;
  await fetch("/_sandbox/mail/fault", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: `{"fault":${target.dataset.fault}}`,
  }).catch(() => null);
  await refresh();
});
poll();

async function poll() {
  await refresh();
  setTimeout(poll, pollMs);
}

async function refresh() {
  const before = changes;
  const response = await fetch("/_sandbox/mail/state").catch(() => null);
  if (!response?.ok || before !== changes) return;
  const { url, fault, counts, received } = await response.json();
  say(url, slot("url"));
  say(countsText(counts), slot("counts"));
  showFault(fault);
  slot("empty").hidden = received.length > 0;
  showReceived(received);
}

/** Assigns only what differs, so that screen readers speak of changes and nothing else. */
function say(text, place) {
  if (place.textContent !== text) place.textContent = text;
}

function showFault(fault) {
  const choices = [...inbox.querySelectorAll("[data-fault]")];
  const chosen = choices.find((choice) => isSame(JSON.parse(choice.dataset.fault), fault));
  for (const choice of choices) choice.checked = choice === chosen;
  say(chosen ? chosen.parentElement.textContent.trim() : `Fault: ${fault.type}`, slot("state"));
  inbox.classList.toggle("broken", fault !== null);
}

/** The same fault, however often it is still to hit. */
function isSame(one, other) {
  if (one === null || other === null) return one === other;
  return Object.keys(one).every((key) => JSON.stringify(one[key]) === JSON.stringify(other[key]));
}

function countsText({ received, applied, duplicates }) {
  if (received === 0) return "Nothing received";
  const parts = [`${received} received`, `${applied} in the inbox`];
  if (duplicates > 0) parts.push(duplicates === 1 ? "1 duplicate" : `${duplicates} duplicates`);
  return parts.join(" · ");
}

/** Adds what is new at the top and leaves the rest alone, so that opened mails stay open. */
function showReceived(received) {
  const list = slot("received");
  const wanted = new Set(received.map(keyOf));
  for (const item of [...list.children]) if (!wanted.has(item.dataset.key)) item.remove();
  const shown = new Set([...list.children].map((item) => item.dataset.key));
  list.prepend(...received.filter((mail) => !shown.has(keyOf(mail))).map(row));
}

function keyOf({ n, at }) {
  return `${n}-${at}`;
}

function row(mail) {
  const item = element("li");
  item.dataset.key = keyOf(mail);
  const details = element("details");
  const summary = element("summary");
  summary.append(
    element("span", "time", clock.format(mail.at)),
    element("span", "who", `${mail.to}: ${mail.subject}`),
    element("span", mail.answered === 250 ? "badge good" : "badge bad", String(mail.answered)),
  );
  if (mail.duplicate) summary.append(element("span", "badge warn", "same Message-ID"));
  if (!mail.applied) summary.append(element("span", "badge", "not kept"));
  else if (mail.answered !== 250) summary.append(element("span", "badge warn", "kept all the same"));
  details.append(summary);
  // The frame is made when it is first looked at.
  details.addEventListener("toggle", () => details.append(...parts(mail)), { once: true });
  item.append(details);
  return item;
}

function parts({ n, from, to, replyTo, messageId, subject, text }) {
  const headers = element("dl", "headers");
  const lines = [
    ["From", from],
    ["To", to],
    ["Reply-To", replyTo],
    ["Subject", subject],
    ["Message-ID", messageId],
  ];
  for (const [name, value] of lines) if (value) headers.append(element("dt", "", name), element("dd", "", value));
  const frame = element("iframe", "mail");
  frame.setAttribute("sandbox", "");
  frame.title = `The mail as it looks: ${subject}`;
  frame.src = `/_sandbox/mail/${n}.html`;
  const plain = element("details", "plain");
  const pre = element("pre", "", text);
  pre.tabIndex = 0;
  plain.append(element("summary", "", "Its plain-text part"), pre);
  return [headers, frame, plain];
}

function element(name, className = "", text = "") {
  const made = document.createElement(name);
  if (className) made.className = className;
  made.textContent = text;
  return made;
}
