// Shows another page in this one's place. What fails leaves the page as it is, with a notice.

import { closeNotice, showNotice } from "./notice.js";

let running = null;
let shown = location.pathname + location.search;
const status = document.getElementById("status");

const page = () => document.getElementById("page");

export const abort = () => running?.abort();

// Loads `url` (with POST when there is a body) and shows it; says whether it did. `inPlace` keeps
// scroll position, focus and what is open: the same page, changed. A later visit takes the place of
// this one. `progress` is called with the share of the body that is sent.
export async function visit(url, { body, inPlace = false, push = true, progress } = {}) {
  abort();
  const mine = (running = new AbortController());
  page().setAttribute("aria-busy", "true");
  if (!body) status.textContent = status.dataset.working;
  try {
    const answer = await load(url, body, mine.signal, progress);
    const next = new DOMParser().parseFromString(answer.text, "text/html");
    if (!next.getElementById("page")) throw new TypeError("no page of ours");
    if (answer.status >= 400) {
      page().removeAttribute("aria-busy");
      showNotice(next.querySelector(".lead")?.textContent.trim() ?? status.dataset.offline);
      status.textContent = "";
      return false;
    }
    const address = next.getElementById("page").dataset.address || answer.url;
    if (push) {
      history.replaceState({ ...history.state, scroll: scrollY }, "");
      history.pushState({ scroll: 0 }, "", address);
    }
    closeNotice();
    replace(next, inPlace);
    return true;
  } catch (error) {
    if (running === mine) page().removeAttribute("aria-busy");
    if (error.name !== "AbortError") showNotice(status.dataset.offline);
    return false;
  }
}

// Loads a page. XMLHttpRequest, because fetch does not tell how much of a body is sent.
function load(url, body, signal, progress) {
  return new Promise((done, fail) => {
    const request = new XMLHttpRequest();
    request.open(body ? "POST" : "GET", url);
    request.setRequestHeader("Accept", "text/html");
    request.upload.onprogress = (event) => progress?.(event.loaded / event.total);
    request.upload.onload = () => progress?.(1);
    request.onload = () =>
      done({ text: request.responseText, url: request.responseURL, status: request.status });
    request.onerror = () => fail(new TypeError("the shop cannot be reached"));
    request.onabort = () => fail(new DOMException("a later visit came", "AbortError"));
    signal.addEventListener("abort", () => request.abort());
    request.send(body ?? null);
  });
}

function replace(next, inPlace) {
  const focused = inPlace ? place(document.activeElement) : null;
  const ids = (selector) => [...document.querySelectorAll(selector)].map((one) => one.id);
  const open = inPlace ? ids("details[open][id]") : [];
  const sheets = inPlace ? ids("[popover][id]:popover-open") : [];
  shown = location.pathname + location.search;
  document.title = next.title;
  page().replaceWith(document.adoptNode(next.getElementById("page")));
  document.dispatchEvent(new Event("shown"));
  for (const id of open) document.getElementById(id)?.setAttribute("open", "");
  for (const id of sheets) document.getElementById(id)?.showPopover();
  if (inPlace) {
    // What was pressed may be gone, as a filter that was taken off: the results are next to it.
    const target = focused && (document.querySelector(focused) ?? document.getElementById("heading"));
    target?.focus({ preventScroll: true });
  } else {
    scrollTo(0, 0);
    document.getElementById("heading")?.focus({ preventScroll: true });
  }
  status.textContent = document.getElementById("count")?.textContent.trim() ?? document.title;
}

// Returns a selector that finds the same control on the changed page; null where none has the focus.
function place(element) {
  if (!element || element === document.body) return null;
  if (element.id) return `#${CSS.escape(element.id)}`;
  if (element.name && element.form?.id) {
    return `#${element.form.id} [name="${element.name}"][value="${CSS.escape(element.value)}"]`;
  }
  return "#heading";
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
