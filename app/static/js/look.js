// The parts of the photo searched with: a tab above the results and a dot on the photo for each. All
// of them are answered at once, after the page is there; choosing one shows its matches immediately,
// and the page follows with its filters and counts.

import { separate } from "./separation.js";

const known = new Map();
const THUMB = 88;
const DOT = 28; // pixels of a dot's width, as in look.css
const resized = new ResizeObserver((entries) => entries.forEach(({ target }) => spread(target)));
const KEYS = { ArrowRight: 1, ArrowLeft: -1, Home: -Infinity, End: Infinity };

const byId = (id) => document.getElementById(id);
const partsOf = (look) => known.get(look.dataset.parts) ?? [];

// Asks for the parts of this page's photo, once, and shows them.
export async function showParts() {
  const look = byId("look");
  if (!look) return;
  if (!known.has(look.dataset.parts)) known.set(look.dataset.parts, await ask(look.dataset.parts));
  draw();
}

// Returns the box of the smallest part around a point, in percent of the photo; null without one.
export function partAround(x, y) {
  const look = byId("look");
  const around = (look ? partsOf(look) : [])
    .map((part) => part.edges)
    .filter(([left, top, right, bottom]) => left <= x && x <= right && top <= y && y <= bottom);
  const size = ([left, top, right, bottom]) => (right - left) * (bottom - top);
  return around.sort((a, b) => size(a) - size(b))[0] ?? null;
}

async function ask(address) {
  try {
    const answer = await fetch(address, { headers: { Accept: "text/html" } });
    const piece = new DOMParser().parseFromString(await answer.text(), "text/html");
    return answer.ok ? [...piece.querySelectorAll(".look-part")].map(read) : [];
  } catch {
    return []; // without parts there is the whole photo
  }
}

const read = (section) => ({
  name: section.dataset.name,
  crop: section.dataset.crop,
  edges: section.dataset.edges.split(" ").map(Number),
  section,
});

// Draws tabs and dots from what is known. It runs while a page is put in place, so that the tab that
// had the focus is there to have it again.
function draw() {
  const look = byId("look");
  if (!look || look.dataset.drawn || !partsOf(look).length) return;
  look.dataset.drawn = "yes";
  const tabs = look.querySelector(".look-tabs");
  const stage = document.querySelector(".crop-stage");
  partsOf(look).forEach((part, place) => {
    const isChosen = look.dataset.crop === part.crop;
    // A part that was proposed needs no crop by hand: its form opens for another.
    if (isChosen) byId("crop-open")?.removeAttribute("open");
    if (isChosen) byId("look-own")?.remove();
    const tab = link(look, part, place, `look-${place + 1}`);
    tab.className = "look-tab";
    tab.setAttribute("role", "tab");
    tab.setAttribute("aria-controls", "found");
    tab.setAttribute("aria-selected", isChosen);
    tab.append(thumb(part, stage), part.name);
    tabs.append(tab);
    stage?.append(dot(look, part, place, isChosen));
  });
  resized.disconnect();
  if (stage) resized.observe(stage);
  const chosen = tabs.querySelector('[aria-selected="true"]');
  for (const tab of tabs.children) tab.tabIndex = tab === chosen ? 0 : -1;
  if (chosen) byId("found").setAttribute("aria-labelledby", chosen.id);
  if (chosen) tabs.scrollLeft = chosen.offsetLeft - tabs.clientWidth / 3;
}

function link(look, part, place, id) {
  const element = document.createElement("a");
  const address = new URL(look.dataset.whole, location.href);
  address.searchParams.set("crop", part.crop);
  element.href = address.pathname + address.search;
  element.id = id;
  element.dataset.inPlace = "";
  element.dataset.part = place;
  return element;
}

function dot(look, part, place, isChosen) {
  const [left, top, right, bottom] = part.edges;
  const box = document.createElement("div");
  box.className = "region";
  box.style.left = `${left}%`;
  box.style.top = `${top}%`;
  box.style.width = `${right - left}%`;
  box.style.height = `${bottom - top}%`;
  const button = link(look, part, place, `dot-${place + 1}`);
  button.setAttribute("aria-label", look.dataset.dot.replace("{name}", part.name));
  if (isChosen) button.setAttribute("aria-current", "true");
  box.append(button);
  return box;
}

// Moves dots from the middles of their parts so far that none covers another at the photo's size.
function spread(stage) {
  const { clientWidth: width, clientHeight: height } = stage;
  if (!width || !height) return; // in a closed sheet
  const boxes = [...stage.querySelectorAll(".region")];
  const middles = boxes.map((box) => [
    box.offsetLeft + box.offsetWidth / 2,
    box.offsetTop + box.offsetHeight / 2,
  ]);
  separate(middles, DOT, width, height).forEach(([x, y], place) => {
    const [middleX, middleY] = middles[place];
    boxes[place].firstElementChild.style.translate =
      `calc(${x - middleX}px - 50%) calc(${y - middleY}px - 50%)`;
  });
}

// Returns a small copy of a part of the photo, once the photo is there.
function thumb(part, stage) {
  const place = document.createElement("span");
  place.className = "look-thumb";
  const photo = stage?.querySelector("img");
  const [left, top, right, bottom] = part.edges.map((edge) => edge / 100);
  photo?.decode().then(() => {
    const canvas = document.createElement("canvas");
    canvas.width = canvas.height = THUMB;
    const { naturalWidth: width, naturalHeight: height } = photo;
    const side = Math.min((right - left) * width, (bottom - top) * height);
    const x = ((left + right) / 2) * width - side / 2;
    const y = ((top + bottom) / 2) * height - side / 2;
    canvas.getContext("2d").drawImage(photo, x, y, side, side, 0, 0, THUMB, THUMB);
    place.append(canvas);
  }, () => {});
  return place;
}

document.addEventListener("shown", draw);

document.addEventListener("click", (event) => {
  const chosen = event.target.closest("a[data-part]");
  const look = byId("look");
  if (!chosen || !look || event.metaKey || event.ctrlKey || event.shiftKey) return;
  for (const tab of look.querySelectorAll('[role="tab"]')) {
    const isChosen = tab.dataset.part === chosen.dataset.part;
    tab.setAttribute("aria-selected", isChosen);
  }
  if ("worded" in look.dataset) return; // its matches know nothing of the words
  const { section } = partsOf(look)[chosen.dataset.part];
  byId("found").replaceChildren(...section.cloneNode(true).childNodes);
  byId("found").dataset.ready = "yes";
});

document.addEventListener("keydown", (event) => {
  const tab = event.target.closest?.('.look [role="tab"]');
  if (!tab || !(event.key in KEYS)) return;
  event.preventDefault();
  const tabs = [...tab.parentElement.children];
  const wanted = tabs.indexOf(tab) + KEYS[event.key];
  const next = tabs[Math.min(tabs.length - 1, Math.max(0, wanted))];
  for (const other of tabs) other.tabIndex = other === next ? 0 : -1;
  next.focus();
});
