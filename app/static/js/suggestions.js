// Suggests while somebody types in the search box: an ARIA combobox with a list of options.
// https://www.w3.org/WAI/ARIA/apg/patterns/combobox/

import { forget, recent, remember } from "./recent.js";

const WAIT_MS = 120;

let waiting = 0;
let running = null;
let active = -1;

const byId = (id) => document.getElementById(id);
const box = () => byId("q");
const panel = () => byId("suggestions");
const list = () => byId("suggestion-list");
const options = () => [...list().children];

// An input method's keys choose characters; they are not ours until the text is committed.
const isComposing = (event) => event.isComposing || event.keyCode === 229;

// Turns the plain search field into a combobox. Without scripts it stays what it is.
function prepare() {
  const field = box();
  if (!field || !panel()) return;
  field.type = "text";
  field.enterKeyHint = "search";
  for (const [name, value] of [
    ["role", "combobox"],
    ["aria-autocomplete", "list"],
    ["aria-haspopup", "listbox"],
    ["aria-controls", "suggestion-list"],
    ["aria-expanded", "false"],
  ]) field.setAttribute(name, value);
}

function close() {
  clearTimeout(waiting);
  running?.abort();
  if (!panel()) return;
  panel().hidden = true;
  box().setAttribute("aria-expanded", "false");
  activate(-1);
}

function activate(number) {
  active = number;
  options().forEach((option, at) => option.setAttribute("aria-selected", String(at === number)));
  const option = options()[number];
  if (option) {
    box().setAttribute("aria-activedescendant", option.id);
    option.scrollIntoView({ block: "nearest" });
  } else box().removeAttribute("aria-activedescendant");
}

function element(tag, className, text) {
  const made = document.createElement(tag);
  made.className = className;
  made.textContent = text;
  return made;
}

// Returns text with the parts at `marks` marked. Marks count characters, not UTF-16 units.
function marked(text, marks) {
  const characters = Array.from(text);
  const made = element("span", "suggestion-text", "");
  let at = 0;
  for (const [start, end] of marks) {
    made.append(characters.slice(at, start).join(""));
    made.append(element("mark", "", characters.slice(start, end).join("")));
    at = end;
  }
  made.append(characters.slice(at).join(""));
  return made;
}

function addressOf({ id, filter }) {
  const { results, products } = panel().dataset;
  if (id) return products + id.split("/").map(encodeURIComponent).join("/");
  return `${results}?${new URLSearchParams({ filter })}`;
}

function optionOf(suggestion, number) {
  const option = element("li", "suggestion", "");
  option.id = `suggestion-${number}`;
  option.setAttribute("role", "option");
  option.setAttribute("aria-selected", "false");
  if (suggestion.q) option.dataset.words = suggestion.q;
  else option.dataset.address = addressOf(suggestion);
  if (suggestion.id) option.dataset.product = "yes";
  if (suggestion.image) {
    const picture = document.createElement("img");
    [picture.src, picture.alt, picture.width, picture.height] = [suggestion.image, "", 40, 40];
    option.append(picture);
  }
  option.append(marked(suggestion.text, suggestion.marks));
  const { kind, parent } = suggestion;
  const label = panel().getAttribute(`data-kind-${kind}`);
  option.append(element("span", "suggestion-kind", parent ? `${label} · ${parent.replaceAll(" > ", " › ")}` : label));
  return option;
}

function show(suggestions, { areRecent = false } = {}) {
  activate(-1);
  list().replaceChildren(...suggestions.map(optionOf));
  byId("suggestions-clear").hidden = !areRecent;
  panel().hidden = !suggestions.length;
  box().setAttribute("aria-expanded", String(suggestions.length > 0));
  if (suggestions.length) announce(suggestions.length);
}

function announce(number) {
  const language = document.documentElement.lang;
  const form = new Intl.PluralRules(language).select(number);
  const text = panel().dataset[`count${form}`] ?? panel().dataset.countother;
  byId("status").textContent = text.replace("{number}", number.toLocaleString(language));
}

function showRecent() {
  const searches = recent().map((q) => ({ kind: "recent", text: q, q, marks: [] }));
  show(searches, { areRecent: true });
}

async function update() {
  running?.abort();
  const words = box().value;
  if (!words.trim()) {
    showRecent();
    return;
  }
  const mine = (running = new AbortController());
  try {
    const address = `${panel().dataset.source}?${new URLSearchParams({ q: words })}`;
    const answer = await fetch(address, { signal: mine.signal });
    const { suggestions } = await answer.json();
    const isCurrent = document.activeElement === box() && box().value === words;
    if (!mine.signal.aborted && isCurrent) show(suggestions ?? []);
  } catch {
    // Cut short, or out of reach: suggestions are a help, and a search still tells.
  }
}

function schedule() {
  clearTimeout(waiting);
  waiting = setTimeout(update, WAIT_MS);
}

function onKey(event, go) {
  if (isComposing(event)) {
    // Safari ends a composition before the Enter that commits it.
    if (event.key === "Enter") event.preventDefault();
    return;
  }
  const isOpen = !panel().hidden;
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step) {
    event.preventDefault();
    // One place more than options: between the last and the first is the text as it was typed.
    const places = options().length + 1;
    if (isOpen) activate(((active + 1 + step + places) % places) - 1);
    else update();
  } else if (event.key === "Enter" && isOpen && active >= 0) {
    event.preventDefault();
    choose(options()[active], go);
  } else if (event.key === "Escape" && isOpen) {
    event.preventDefault();
    close();
  }
}

function choose(option, go) {
  const { words, address, product } = option.dataset;
  close();
  if (words) {
    box().value = words;
    box().form.requestSubmit();
  } else if (product) location.assign(address);
  else go(address);
}

// Listens to the search box of every page that comes; `go` shows a results page.
export function suggest(go) {
  prepare();
  document.addEventListener("shown", prepare);
  const isBox = (event) => event.target === box() && panel();
  document.addEventListener("input", (event) => isBox(event) && !event.isComposing && schedule());
  document.addEventListener("compositionend", (event) => isBox(event) && schedule());
  document.addEventListener("keydown", (event) => isBox(event) && onKey(event, go));
  document.addEventListener("focusin", (event) => {
    if (isBox(event) && !box().value.trim()) showRecent();
  });
  document.addEventListener("focusout", (event) => {
    if (isBox(event) && !panel().contains(event.relatedTarget)) close();
  });
  document.addEventListener("pointerdown", (event) => {
    if (event.target.closest(".suggestion")) event.preventDefault(); // the box keeps the focus
    else if (!event.target.closest(".search-box")) close();
  });
  document.addEventListener("click", (event) => {
    const option = event.target.closest(".suggestion");
    if (option) choose(option, go);
    if (event.target.closest("#suggestions-clear")) {
      forget();
      close();
      box().focus();
    }
  });
  document.addEventListener("submit", (event) => {
    if (event.target.id !== "search") return;
    remember(box().value);
    close();
  });
}
