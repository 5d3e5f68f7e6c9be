// The frame over the picture searched with. Dragging it, typing its edges and pressing a preset all
// end in the same four number fields, in percent of the picture.

import { recall } from "./pictures.js";
import { mark } from "./regions.js";

const SIDES = ["left", "top", "right", "bottom"];
const SMALLEST = 5;
// Which edges each corner handle moves, in the order of the handles in the page.
const CORNERS = [["left", "top"], ["right", "top"], ["right", "bottom"], ["left", "bottom"]];

let waiting = 0;

// Shows the pictures of this page's search and, when it is one, the frame over it.
export async function frame() {
  const place = document.querySelector("[data-picture]");
  if (!place || place.querySelector(".crop-stage")) return;
  const form = document.getElementById("crop");
  const pictures = recall(place.dataset.picture);
  form?.classList.toggle("again", !pictures.length);
  if (form) form.image.required = !pictures.length;
  const stages = pictures.map((picture) => stage(place, picture));
  if (form && stages.length === 1) {
    drag(stages[0].querySelector(".crop-frame"), form);
    await mark(stages[0], pictures[0], form);
  }
}

// Searches again with the part the form names; `patience` ms later, unless it changes again.
export function adjust(form, search, { patience = 0 } = {}) {
  clearTimeout(waiting);
  waiting = setTimeout(() => {
    const pictures = recall(document.querySelector("[data-picture]").dataset.picture);
    if (pictures.length) search(form, pictures, { inPlace: true });
  }, patience);
}

function stage(place, picture) {
  const made = place.querySelector("template").content.firstElementChild.cloneNode(true);
  const image = made.querySelector("img");
  image.src = URL.createObjectURL(picture);
  image.onload = () => URL.revokeObjectURL(image.src);
  image.onerror = () => made.remove(); // a format this browser cannot show
  place.append(made);
  return made;
}

function drag(box, form) {
  let edges = Object.fromEntries(SIDES.map((side) => [side, Number(form[side].value)]));
  let start = null;

  const draw = () => {
    box.hidden = false;
    box.style.left = `${edges.left}%`;
    box.style.top = `${edges.top}%`;
    box.style.width = `${edges.right - edges.left}%`;
    box.style.height = `${edges.bottom - edges.top}%`;
  };

  box.addEventListener("pointerdown", (event) => {
    const corner = [...box.children].indexOf(event.target);
    start = { x: event.clientX, y: event.clientY, edges, moved: CORNERS[corner] ?? SIDES };
    box.setPointerCapture(event.pointerId);
    event.preventDefault();
  });
  box.addEventListener("pointermove", (event) => {
    if (!start) return;
    const whole = box.parentElement.getBoundingClientRect();
    const across = (100 * (event.clientX - start.x)) / whole.width;
    const down = (100 * (event.clientY - start.y)) / whole.height;
    edges = moved(start.edges, start.moved, across, down);
    draw();
  });
  box.addEventListener("pointerup", () => {
    if (!start) return;
    const unchanged = SIDES.every((side) => edges[side] === start.edges[side]);
    start = null;
    if (unchanged) return;
    for (const side of SIDES) form[side].value = edges[side].toFixed(1);
    form.dispatchEvent(new CustomEvent("cropped", { bubbles: true }));
  });
  box.addEventListener("pointercancel", () => (start = null));
  draw();
}

// Returns the edges after some of them moved; the frame stays inside and never gets too small.
function moved(edges, which, across, down) {
  const within = (value, low, high) => Math.min(high, Math.max(low, value));
  const next = { ...edges };
  if (which === SIDES) {
    const x = within(across, -edges.left, 100 - edges.right);
    const y = within(down, -edges.top, 100 - edges.bottom);
    return { left: edges.left + x, right: edges.right + x, top: edges.top + y, bottom: edges.bottom + y };
  }
  for (const side of which) {
    const by = side === "left" || side === "right" ? across : down;
    if (side === "left") next.left = within(edges.left + by, 0, edges.right - SMALLEST);
    if (side === "right") next.right = within(edges.right + by, edges.left + SMALLEST, 100);
    if (side === "top") next.top = within(edges.top + by, 0, edges.bottom - SMALLEST);
    if (side === "bottom") next.bottom = within(edges.bottom + by, edges.top + SMALLEST, 100);
  }
  return next;
}
