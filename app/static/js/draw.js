// Choosing a part of the photo on the photo itself: a circle drawn by hand becomes its box, and a tap
// chooses the thing it hits.

import { partAround } from "./look.js";

const SMALLEST = 5;
const TAP = 2;
const AROUND = 20;
const within = (value) => Math.min(100, Math.max(0, value));

// Calls `choose` with edges in percent of the photo, once somebody has drawn or tapped on `stage`.
// Where `isTaken` says so, a press is for something else, as the frame that is dragged.
export function listenToDrawing(stage, isTaken, choose) {
  let path = null;
  let line = null;
  const point = (event) => {
    const whole = stage.getBoundingClientRect();
    const share = (at, start, extent) => within((100 * (at - start)) / extent);
    return [share(event.clientX, whole.left, whole.width), share(event.clientY, whole.top, whole.height)];
  };
  const end = () => {
    path = null;
    line?.remove();
    line = null;
  };
  stage.addEventListener("pointerdown", (event) => {
    if (event.button || event.target.closest("a") || isTaken(event.target)) return;
    path = [point(event)];
    stage.setPointerCapture(event.pointerId);
    event.preventDefault();
  });
  stage.addEventListener("pointermove", (event) => {
    if (!path) return;
    path.push(point(event));
    line ??= trace(stage);
    line.firstChild.setAttribute("points", path.map((at) => at.join(",")).join(" "));
  });
  stage.addEventListener("pointerup", () => {
    if (!path) return;
    const edges = boxOf(path);
    end();
    if (edges) choose(edges);
  });
  stage.addEventListener("pointercancel", end);
}

// Returns the box around a path; for a tap, that of the thing it hits.
function boxOf(path) {
  const [across, down] = [0, 1].map((axis) => path.map((at) => at[axis]));
  const edges = [Math.min(...across), Math.min(...down), Math.max(...across), Math.max(...down)];
  const [left, top, right, bottom] = edges;
  if (right - left < TAP && bottom - top < TAP) {
    const around = [left - AROUND, top - AROUND, left + AROUND, top + AROUND];
    return partAround(left, top) ?? around.map(within);
  }
  return right - left < SMALLEST || bottom - top < SMALLEST ? null : edges;
}

function trace(stage) {
  const made = (name) => document.createElementNS("http://www.w3.org/2000/svg", name);
  const picture = made("svg");
  picture.setAttribute("class", "crop-trace");
  picture.setAttribute("viewBox", "0 0 100 100");
  picture.setAttribute("preserveAspectRatio", "none");
  picture.setAttribute("aria-hidden", "true");
  picture.append(made("polyline"));
  stage.append(picture);
  return picture;
}
