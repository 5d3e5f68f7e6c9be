// How a member is compared: side by side, laid over, as a difference; turned over, nearer, veiled.

const ZOOMS = [1, 1.5, 2, 3, 4];
const VEILS = ["blur", "grey"];

// What outlives the member shown: a reviewer compares the next one in the same way.
const chosen = { view: "side", flipped: false, zoom: 0, opacity: 50, marked: true };

const stages = () => document.querySelector(".stages");
const button = (name) => document.querySelector(`.tools [data-does=${name}]`);

export const actions = {
  marks: () => draw({ marked: !chosen.marked }),
  overlay: () => look(chosen.view === "overlay" ? "side" : "overlay"),
  difference: () => look(chosen.view === "difference" ? "side" : "difference"),
  flip: () => draw({ flipped: !chosen.flipped }),
  nearer: () => draw({ zoom: Math.min(ZOOMS.length - 1, chosen.zoom + 1) }),
  farther: () => draw({ zoom: Math.max(0, chosen.zoom - 1) }),
  blur: () => veil("blur"),
  grey: () => veil("grey"),
};

// Draws the comparison on the page as it was last chosen; call it for every member shown.
export function settle() {
  if (!stages()) return;
  document.querySelector(".tools").hidden = false;
  const slider = document.querySelector(".opacity input");
  slider.value = chosen.opacity;
  slider.addEventListener("input", () => draw({ opacity: Number(slider.value) }));
  for (const stage of stages().querySelectorAll(".stage")) {
    stage.addEventListener("scroll", () => follow(stage), { passive: true });
  }
  draw({});
}

function look(view) {
  // Both views begin unflipped: the first flip must show something new.
  draw({ view, flipped: false });
}

function draw(changes) {
  Object.assign(chosen, changes);
  const place = stages();
  const view = button(chosen.view)?.disabled ? "side" : chosen.view;
  place.dataset.view = view;
  place.classList.toggle("flipped", chosen.flipped);
  place.classList.toggle("unmarked", !chosen.marked);
  place.classList.toggle("zoomed", chosen.zoom > 0);
  for (const sheet of place.querySelectorAll(".sheet")) sheet.style.width = `${100 * ZOOMS[chosen.zoom]}%`;
  const aligned = place.querySelector(".aligned");
  if (aligned) aligned.style.opacity = view === "overlay" && !chosen.flipped ? chosen.opacity / 100 : "";
  document.querySelector(".opacity").hidden = view !== "overlay";
  for (const name of ["overlay", "difference"]) button(name).setAttribute("aria-pressed", view === name);
  button("flip").setAttribute("aria-pressed", chosen.flipped);
  button("marks").setAttribute("aria-pressed", chosen.marked && !button("marks").disabled);
  const veiled = document.documentElement.classList;
  for (const name of VEILS) button(name).setAttribute("aria-pressed", veiled.contains(`veil-${name}`));
}

function veil(name) {
  const on = document.documentElement.classList.toggle(`veil-${name}`);
  try {
    localStorage.setItem(`veil-${name}`, on ? "on" : "off");
  } catch {
    // No storage: it holds for this page alone.
  }
  if (stages()) draw({});
}

// Scrolls the other picture along, so that both show the same place.
function follow(stage) {
  const share = (from, whole, seen) => (whole > seen ? from / (whole - seen) : 0);
  const across = share(stage.scrollLeft, stage.scrollWidth, stage.clientWidth);
  const down = share(stage.scrollTop, stage.scrollHeight, stage.clientHeight);
  for (const other of stages().querySelectorAll(".stage")) {
    if (other === stage) continue;
    const left = Math.round(across * (other.scrollWidth - other.clientWidth));
    const top = Math.round(down * (other.scrollHeight - other.clientHeight));
    // Setting what is there already would send the scroll back and forth between the two.
    if (Math.abs(other.scrollLeft - left) > 1) other.scrollLeft = left;
    if (Math.abs(other.scrollTop - top) > 1) other.scrollTop = top;
  }
}
