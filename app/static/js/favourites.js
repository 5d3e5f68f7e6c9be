// Favourites, kept in this browser alone: no server sees the list but to show it.

const KEY = "lookalike.favourites";
const MOST = 100;
const PATH = "/favourites";

function favourites() {
  try {
    const found = JSON.parse(localStorage.getItem(KEY) ?? "[]");
    return Array.isArray(found) ? found.filter((id) => typeof id === "string") : [];
  } catch {
    return []; // storage is blocked, or holds what is not ours
  }
}

function store(ids) {
  try {
    localStorage.setItem(KEY, JSON.stringify(ids.slice(0, MOST)));
  } catch {
    // Storage is full or blocked: nothing is kept then.
  }
}

// Shows which products of this page are favourites, and how many there are.
function draw() {
  const ids = favourites();
  for (const button of document.querySelectorAll("button[data-favourite]")) {
    button.setAttribute("aria-pressed", String(ids.includes(button.dataset.favourite)));
  }
  const link = document.getElementById("favourites");
  if (!link) return;
  const count = link.querySelector(".favourites-count");
  count.textContent = ids.length ? ids.length.toLocaleString(document.documentElement.lang) : "";
}

// On the page of favourites without products in its address, goes to the address with them.
function complete(show) {
  const ids = favourites();
  if (location.pathname !== PATH || new URLSearchParams(location.search).has("id") || !ids.length) return;
  const query = new URLSearchParams(ids.map((id) => ["id", id]));
  show(`${PATH}?${query}`);
}

// `show` shows another page in this one's place.
export function keepFavourites(show) {
  draw();
  complete(show);
  document.addEventListener("shown", draw);
  document.addEventListener("click", (event) => {
    const button = event.target.closest("button[data-favourite]");
    if (!button) return;
    const id = button.dataset.favourite;
    const others = favourites().filter((other) => other !== id);
    store(others.length < favourites().length ? others : [id, ...others]);
    draw();
  });
}
