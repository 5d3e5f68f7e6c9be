// Shows another page in this one's place, so that the pictures held in memory outlive it.

let running = null;
let shown = location.pathname + location.search;
const status = document.getElementById("status");

const page = () => document.getElementById("page");

// Loads `url` (with POST when there is a body) and shows it; says whether it did. `inPlace` keeps
// scroll position and focus: the same page, changed. A later visit takes the place of this one.
export async function visit(url, { body = null, inPlace = false, push = true } = {}) {
  running?.abort();
  const mine = (running = new AbortController());
  page().setAttribute("aria-busy", "true");
  status.textContent = status.dataset.working;
  try {
    const answer = await fetch(url, {
      method: body ? "POST" : "GET",
      body,
      headers: { Accept: "text/html" },
      signal: mine.signal,
    });
    const next = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (!next.getElementById("page")) throw new TypeError("no page of ours");
    // An upload that failed has no address of its own: it stays at the page it was tried from.
    const address = next.getElementById("page").dataset.address || (body ? location.href : answer.url);
    if (push) {
      history.replaceState({ ...history.state, scroll: scrollY }, "");
      history.pushState({ scroll: 0 }, "", address);
    }
    replace(next, inPlace);
    return true;
  } catch (error) {
    if (error.name !== "AbortError") {
      page().removeAttribute("aria-busy");
      tell(status.dataset.offline);
    }
    return false;
  }
}

// Says something to everybody, not only to those who listen.
export function tell(text) {
  status.textContent = text;
  const hint = document.getElementById("search-hint");
  if (hint) hint.textContent = text;
}

function replace(next, inPlace) {
  const focused = inPlace ? place(document.activeElement) : null;
  const open = inPlace ? [...document.querySelectorAll("details[open][id]")].map((one) => one.id) : [];
  shown = location.pathname + location.search;
  document.title = next.title;
  page().replaceWith(document.adoptNode(next.getElementById("page")));
  document.dispatchEvent(new Event("shown"));
  for (const id of open) document.getElementById(id)?.setAttribute("open", "");
  if (inPlace) {
    (focused && document.querySelector(focused))?.focus({ preventScroll: true });
  } else {
    scrollTo(0, 0);
    document.getElementById("heading")?.focus({ preventScroll: true });
  }
  status.textContent = document.getElementById("count")?.textContent.trim() ?? document.title;
}

// Returns a selector that finds the same control on the changed page.
function place(element) {
  if (element?.id) return `#${CSS.escape(element.id)}`;
  if (element?.name) return `[name="${element.name}"][value="${CSS.escape(element.value)}"]`;
  return null;
}

// Follows the back and forward buttons; `done` runs after each page they bring.
export function settle(done) {
  const address = page().dataset.address;
  // A form sent before this script ran left a page without its address.
  if (address && location.pathname + location.search !== address && !location.search) {
    history.replaceState(history.state, "", address);
    shown = address;
  }
  addEventListener("popstate", async (event) => {
    if (location.pathname + location.search === shown) return; // only the #fragment changed
    if (await visit(location.href, { push: false, inPlace: true })) {
      await done();
      scrollTo(0, event.state?.scroll ?? 0);
    }
  });
}
