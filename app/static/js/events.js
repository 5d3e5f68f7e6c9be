// Tells the shop what shoppers see and do, in batches, as User Behavior Insights has it. Who they
// are is in a cookie that no script reads. Nothing is sent where the browser asks not to be tracked.

const SEEN_MS = 1000; // half a card in view for this long is an impression
const WAIT_MS = 3000;
const MOST = 50; // events of a batch
const ORIGINS = "lookalike.origins"; // the searches that products were opened from
const ORIGINS_MOST = 50;
const ORIGIN_MS = 3600_000;

const isUntracked = navigator.globalPrivacyControl || navigator.doNotTrack === "1";
const path = document.body.dataset.events;

const seen = new Set();
const waiting = new Map();
let batch = [];
let timer = 0;

function eventId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

function record(action, product, { query, ordinal } = {}, message) {
  batch.push({
    event_id: eventId(),
    action_name: action,
    timestamp: new Date().toISOString(),
    application: "shop",
    ...(query && { query_id: query }),
    ...(message && { message }),
    event_attributes: {
      object: { object_id: product, object_id_field: "id" },
      position: { ordinal: ordinal ?? 0 },
    },
  });
  if (batch.length >= MOST) send();
  else timer ||= setTimeout(send, WAIT_MS);
}

function send() {
  clearTimeout(timer);
  timer = 0;
  const events = batch.splice(0, MOST);
  if (!events.length) return;
  const body = new Blob([JSON.stringify(events)], { type: "application/json" });
  // A browser whose queue of beacons is full takes it later.
  if (!navigator.sendBeacon(path, body)) batch.unshift(...events);
}

const placeOf = (card) => ({ query: card.dataset.query, ordinal: Number(card.dataset.place) });

// Which search a product was opened from: its own page is another page, maybe in another tab.
function origins() {
  try {
    const found = JSON.parse(localStorage.getItem(ORIGINS) ?? "[]");
    return Array.isArray(found) ? found.filter(({ at }) => Date.now() - at < ORIGIN_MS) : [];
  } catch {
    return []; // storage is blocked, or holds what is not ours
  }
}

function rememberOrigin(product, place) {
  const others = origins().filter((origin) => origin.product !== product);
  try {
    const all = [{ product, ...place, at: Date.now() }, ...others];
    localStorage.setItem(ORIGINS, JSON.stringify(all.slice(0, ORIGINS_MOST)));
  } catch {
    // Storage is full or blocked: what follows is not joined to the search.
  }
}

const originOf = (product) => origins().find((origin) => origin.product === product);

function open(card) {
  const place = placeOf(card);
  rememberOrigin(card.dataset.product, place);
  record("click", card.dataset.product, place);
}

function watchCards() {
  for (const card of document.querySelectorAll("li.card[data-query]")) watcher.observe(card);
  for (const article of document.querySelectorAll("article.product:not([data-viewed])")) {
    article.dataset.viewed = "";
    record("view", article.dataset.product, originOf(article.dataset.product));
  }
}

const watcher = new IntersectionObserver(
  (entries) => {
    for (const { target, isIntersecting } of entries) {
      clearTimeout(waiting.get(target));
      waiting.delete(target);
      const { query, product } = target.dataset;
      const key = `${query} ${product}`;
      if (!isIntersecting || seen.has(key)) continue;
      const count = () => {
        watcher.unobserve(target);
        if (!target.isConnected || seen.has(key)) return;
        seen.add(key);
        record("impression", product, placeOf(target));
      };
      waiting.set(target, setTimeout(count, SEEN_MS));
    }
  },
  { threshold: 0.5 },
);

function pressed(event) {
  const card = event.target.closest("li.card[data-query]");
  const product = (card ?? event.target.closest("article.product"))?.dataset.product;
  if (!product) return;
  const place = card ? placeOf(card) : originOf(product);
  if (event.target.closest("button[data-favourite]")) {
    // Favourites have drawn the new state already: they listened first.
    const isFavourite = event.target.closest("button").getAttribute("aria-pressed") === "true";
    if (isFavourite) record("watch", product, place);
  } else if (card && event.target.closest(".card-title a, button[data-quick]")) {
    open(card);
  } else if (event.target.closest("a[data-seller]")) {
    record("add_to_cart", product, place, "seller's page");
  }
}

export function tell() {
  if (isUntracked || !path) return;
  document.addEventListener("shown", watchCards);
  document.addEventListener("click", pressed);
  // A middle click opens another tab.
  document.addEventListener("auxclick", (event) => event.button === 1 && pressed(event));
  document.addEventListener("visibilitychange", () => document.hidden && send());
  addEventListener("pagehide", send);
  watchCards();
}
