// A group's members: which one is compared, which are selected, and what is chosen for them.

import { settle } from "./trust-stage.js";

const cards = () => [...document.querySelectorAll(".member-card")];
const boxes = () => [...document.querySelectorAll(".pick input")];
const shown = () => document.querySelector(".member-card[aria-current]");
const status = document.getElementById("status");

let asked = null;

export const actions = {
  next: () => step(1),
  previous: () => step(-1),
  select: () => toggle(shown()),
  all: () => {
    const some = boxes().some((box) => !box.checked);
    for (const box of boxes()) box.checked = some;
    count();
  },
  verdict: (key) => choose(document.querySelectorAll(".verdicts input")[Number(key) - 1]),
};

// Makes the group answer to the mouse as it does to the keys.
export function begin() {
  document.querySelector(".members-ways")?.removeAttribute("hidden");
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-show]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    show(link.closest(".member-card"));
  });
  document.addEventListener("change", ({ target }) => {
    if (target.closest(".pick")) count();
    else if (target.name === "verdict") choose(target);
    else if (target.closest(".member-card select")) mark();
  });
  document.getElementById("case")?.addEventListener("submit", refuseEmpty);
  // A browser that leaves the page may fail a comparison under way: that must not turn it back.
  addEventListener("beforeunload", () => asked?.abort());
  count();
}

// Says what is missing instead of sending a form in which no verdict is chosen.
function refuseEmpty(event) {
  if (event.submitter?.id !== "confirm") return;
  const fields = [...document.querySelectorAll(".verdicts input:checked, .member-card select")];
  if (fields.some((field) => field.value)) return;
  event.preventDefault();
  document.getElementById("missing").hidden = false;
  document.querySelector(".verdicts input").focus();
}

function step(by) {
  const all = cards();
  const next = all[all.indexOf(shown()) + by];
  if (next) show(next);
}

// Compares this member, in the page's place; a later call takes the place of this one.
async function show(card) {
  for (const other of cards()) other.removeAttribute("aria-current");
  card.setAttribute("aria-current", "true");
  card.scrollIntoView({ block: "nearest" });
  const place = document.getElementById("compare");
  const key = card.dataset.key;
  const field = document.querySelector("#case [name=show]");
  if (field) field.value = key;
  asked?.abort();
  asked = new AbortController();
  try {
    const answer = await fetch(`${place.dataset.case}/compare?show=${encodeURIComponent(key)}`, {
      headers: { Accept: "text/html" },
      signal: asked.signal,
    });
    const next = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector(".compare");
    if (!answer.ok || !next) throw new TypeError("no comparison");
    place.replaceChildren(document.adoptNode(next));
    settle();
    status.textContent = next.querySelector(".stage-right figcaption").textContent.trim();
  } catch (error) {
    // The page that a click would have loaded says what is wrong.
    if (error.name !== "AbortError") location.assign(card.querySelector("[data-show]").href);
  }
}

function toggle(card) {
  const box = card.querySelector(".pick input");
  box.checked = !box.checked;
  count();
}

// Gives a verdict to the members selected, or to the one compared; a pair has only its radio.
function choose(radio) {
  if (!cards().length) {
    radio.checked = true;
    document.getElementById("missing").hidden = true;
    return;
  }
  const picked = cards().filter((card) => card.querySelector(".pick input").checked);
  for (const card of picked.length ? picked : [shown()]) card.querySelector("select").value = radio.value;
  for (const box of boxes()) box.checked = false;
  // For members beyond those drawn, the choice that stays is the one for the rest.
  radio.checked = Boolean(document.querySelector(".members > .note"));
  count();
  mark();
}

function count() {
  const place = document.getElementById("selected");
  if (!place) return;
  const number = boxes().filter((box) => box.checked).length;
  place.textContent = place.dataset.words.replace("#", number);
  for (const card of cards()) card.classList.toggle("selected", Boolean(card.querySelector(".pick input:checked")));
}

// Shows which members have a verdict; a preview of other choices would be a lie by now.
function mark() {
  document.getElementById("preview")?.remove();
  document.getElementById("missing")?.setAttribute("hidden", "");
  for (const card of cards()) {
    card.classList.toggle("chosen", Boolean(card.querySelector("select")?.value));
  }
}
