// The frame over the picture searched with. Dragging it, typing its edges and pressing a preset all
// end in the same four number fields, in percent of the picture.

import { listenToDrawing } from "./draw.js";

const SIDES = ["left", "top", "right", "bottom"];
const SMALLEST = 5;
// Which edges each corner handle moves, in the order of the handles in the page.
const CORNERS = [["left", "top"], ["right", "top"], ["right", "bottom"], ["left", "bottom"]];

let waiting = 0;

// Draws the frame over the picture of this page's search, where it is one and the shop still has it.
export function frame() {
  const form = document.getElementById("crop");
  const stage = document.querySelector(".crop-stage");
  if (!form || !stage || stage.dataset.framed) return;
  stage.dataset.framed = "yes";
  drag(stage.querySelector(".crop-frame"), form);
}

// Moves one edge by the step of a button, as far as the edge across lets it.
export function step({ dataset, form }) {
  const { edge } = dataset;
  const others = { left: "right", right: "left", top: "bottom", bottom: "top" };
  const other = Number(form[others[edge]].value);
  const isFirst = edge === "left" || edge === "top";
  const [low, high] = isFirst ? [0, other - SMALLEST] : [other + SMALLEST, 100];
  const wanted = Number(form[edge].value) + Number(dataset.step);
  form[edge].value = Math.min(high, Math.max(low, wanted)).toFixed(1).replace(/\.0$/, "");
}

// Searches with the part the form names; `patience` ms later, unless it changes again.
export function adjust(form, go, { patience = 0 } = {}) {
  clearTimeout(waiting);
  // Where the shop has no photo to crop, the form asks for it again.
  if (!form.reportValidity()) return;
  waiting = setTimeout(() => go(form, { inPlace: true }), patience);
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

  const isWhole = () => SIDES.every((side, n) => edges[side] === [0, 0, 100, 100][n]);
  const choose = (next) => {
    SIDES.forEach((side, n) => (form[side].value = next[n].toFixed(1)));
    form.dispatchEvent(new CustomEvent("cropped", { bubbles: true }));
  };
  // A frame around the whole photo has nowhere to go: a press inside it draws.
  const isTaken = (target) => box.contains(target) && !(target === box && isWhole());
  listenToDrawing(box.parentElement, isTaken, choose);

  box.addEventListener("pointerdown", (event) => {
    if (!isTaken(event.target)) return;
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
    choose(SIDES.map((side) => edges[side]));
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
