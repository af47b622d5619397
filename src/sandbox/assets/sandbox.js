// Keeps the cards up to date. Whatever was received is shown as text only.
const pollMs = 1000;
const cards = new Map([...document.querySelectorAll("[data-vendor]")].map((card) => [card.dataset.vendor, card]));
const notice = document.querySelector("#notice");
const clock = new Intl.DateTimeFormat(undefined, { timeStyle: "medium" });
let changes = 0;
const outcomes = { hung: "no answer", reset: "connection reset", dripping: "endless drip" };

for (const [vendor, card] of cards) {
  card.addEventListener("change", async ({ target }) => {
    if (!target.dataset.fault) return;
    await post("/_sandbox/fault", { vendor, fault: JSON.parse(target.dataset.fault) });
  });
}
document.querySelector("#reset").addEventListener("click", () => post("/_sandbox/reset", {}));
poll();

async function poll() {
  await refresh();
  setTimeout(poll, pollMs);
}

async function refresh() {
  const before = changes;
  const state = await ask("/_sandbox/state");
  say(state ? "" : "The sandbox does not answer. Trying again…");
  // Asked before a switch was turned, the answer would turn it back for a moment.
  if (!state || before !== changes) return;
  for (const [name, card] of cards) show(card, state.vendors[name]);
}

async function post(path, body) {
  changes += 1;
  await ask(path, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  await refresh();
}

/** The JSON answered; null when there was none. */
async function ask(path, init) {
  try {
    const response = await fetch(path, init);
    return response.ok ? await response.json() : null;
  } catch {
    return null;
  }
}

/** Assigns only what differs, so that screen readers speak of changes and nothing else. */
function say(text, place = notice) {
  if (place.textContent !== text) place.textContent = text;
}

function show(card, { fault, counts, received, tables }) {
  const slot = (name) => card.querySelector(`[data-slot="${name}"]`);
  showFault(card, slot("state"), fault);
  say(countsText(counts), slot("counts"));
  slot("empty").hidden = received.length > 0;
  showReceived(slot("received"), received);
  showTables(slot("tables"), tables);
}

/** Draws again only what has changed, so that whoever scrolls or reads stays where they are. */
function showTables(place, tables) {
  const now = JSON.stringify(tables);
  if (place.dataset.shown === now) return;
  place.dataset.shown = now;
  place.hidden = tables.length === 0;
  place.closest(".card").classList.toggle("wide", tables.length > 0);
  const scrolled = [...place.children].map((one) => one.querySelector(".scroll").scrollLeft);
  place.replaceChildren(...tables.map(sheetOf));
  for (const [i, one] of [...place.children].entries()) one.querySelector(".scroll").scrollLeft = scrolled[i] ?? 0;
}

function sheetOf({ title, count, rows: [header, ...rows] }) {
  const figure = document.createElement("figure");
  const caption = document.createElement("figcaption");
  caption.textContent = `${title} · ${count === 1 ? "1 row" : `${count} rows`}`;
  const table = document.createElement("table");
  const line = (cells, name) => {
    const tr = document.createElement("tr");
    tr.append(
      ...header.map((_, column) => Object.assign(document.createElement(name), { textContent: cells[column] ?? "" })),
    );
    return tr;
  };
  table.createTHead().append(line(header, "th"));
  table.createTBody().append(...rows.map((cells) => line(cells, "td")));
  const scroll = document.createElement("div");
  scroll.className = "scroll";
  scroll.tabIndex = 0;
  scroll.setAttribute("role", "region");
  scroll.setAttribute("aria-label", title);
  scroll.append(table);
  figure.append(caption, scroll);
  return figure;
}

function showFault(card, place, fault) {
  const choices = [...card.querySelectorAll("[data-fault]")];
  const chosen = choices.find((choice) => isSame(JSON.parse(choice.dataset.fault), fault));
  for (const choice of choices) choice.checked = choice === chosen;
  say(chosen ? chosen.parentElement.textContent.trim() : `Fault: ${fault.type}`, place);
  card.classList.toggle("broken", fault !== null);
}

/** The same fault, however often it is still to hit. */
function isSame(one, other) {
  if (one === null || other === null) return one === other;
  return Object.keys(one).every((key) => JSON.stringify(one[key]) === JSON.stringify(other[key]));
}

function countsText({ received, records, duplicates }) {
  if (received === 0) return "Nothing received";
  const parts = [`${received} received`, `${records} held`];
  if (duplicates > 0) parts.push(duplicates === 1 ? "1 duplicate" : `${duplicates} duplicates`);
  return parts.join(" · ");
}

/** Adds what is new at the top and leaves the rest alone, so that opened entries stay open and focus stays put. */
function showReceived(list, received) {
  const wanted = new Set(received.map(keyOf));
  for (const item of [...list.children]) if (!wanted.has(item.dataset.key)) item.remove();
  const shown = new Set([...list.children].map((item) => item.dataset.key));
  list.prepend(...received.filter((entry) => !shown.has(keyOf(entry))).map(row));
}

/** The time tells an entry from the one that had its number before everything was forgotten. */
function keyOf({ n, at }) {
  return `${n}-${at}`;
}

function row(entry) {
  const item = document.createElement("li");
  item.dataset.key = keyOf(entry);
  const details = document.createElement("details");
  const summary = document.createElement("summary");
  summary.append(
    part("time", clock.format(entry.at)),
    part("who", whoOf(entry)),
    part(badgeOf(entry), typeof entry.answered === "number" ? String(entry.answered) : outcomes[entry.answered]),
  );
  if (entry.duplicate) summary.append(part("badge warn", "duplicate"));
  if (!entry.applied) summary.append(part("badge", entry.method === "GET" ? "read" : "not kept"));
  else if (!entry.processed) summary.append(part("badge warn", "queued only"));
  else if (typeof entry.answered !== "number") summary.append(part("badge warn", "kept all the same"));
  const payload = document.createElement("pre");
  payload.tabIndex = 0;
  payload.textContent = entry.json === undefined ? entry.body || "(no body)" : JSON.stringify(entry.json, null, 2);
  details.append(summary, payload);
  item.append(details);
  return item;
}

function whoOf({ json, method, path }) {
  const named = json && (json.email || json.properties?.email || json.name || json.phone || json.event_id);
  return typeof named === "string" ? named : `${method} ${path}`;
}

function badgeOf({ answered }) {
  return typeof answered === "number" && answered < 300 ? "badge good" : "badge bad";
}

function part(className, text) {
  const span = document.createElement("span");
  span.className = className;
  span.textContent = text;
  return span;
}
