// What scripts add to pages that work without them. Events are listened to once, on the document,
// because `visit` replaces everything inside #page.

import "./loading.js";
import { adjust, frame } from "./crop.js";
import { listen } from "./photos.js";
import { keep } from "./pictures.js";
import { suggest } from "./suggestions.js";
import { refine } from "./read_text.js";
import { settle, visit } from "./visit.js";

const byId = (id) => document.getElementById(id);
const pictureShown = () => document.querySelector("[data-picture]")?.dataset.picture;

// Searches with these pictures and the form's other fields; the page keeps the pictures, we do not.
async function searchWith(form, files, { inPlace = false } = {}) {
  const body = new FormData(form);
  body.delete("image");
  for (const file of files) body.append("image", file, "picture");
  const arrived = await visit(form.action, { body, inPlace });
  if (arrived && pictureShown()) await keep(pictureShown(), files);
  if (arrived) await frame();
  if (arrived) refine(frame);
}

// Goes to the address a form without pictures stands for.
async function go(form, { inPlace = false } = {}) {
  const fields = [...new FormData(form)].filter(([, value]) => typeof value === "string" && value);
  await show(`${form.action.split("?")[0]}?${new URLSearchParams(fields)}`, { inPlace });
}

async function show(url, { inPlace = false } = {}) {
  if (await visit(url, { inPlace })) await frame();
}

const chosen = (form) =>
  [...form.querySelectorAll("input[type=file]")].flatMap((input) => [...input.files]);

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!["search", "facets", "crop"].includes(form.id)) return;
  event.preventDefault();
  const files = chosen(form);
  if (form.id === "crop" && !files.length) adjust(form, searchWith);
  else if (files.length) searchWith(form, files);
  else go(form, { inPlace: form.id === "facets" });
});

document.addEventListener("change", (event) => {
  const field = event.target;
  if (field.matches("#photo, #camera") && field.files.length) {
    searchWith(byId("search"), [...field.files]);
  } else if (field.form?.id === "facets" && !byId("filters").matches(":popover-open")) {
    go(field.form, { inPlace: true });
  } else if (field.form?.id === "crop" && field.type === "number" && field.form.checkValidity()) {
    adjust(field.form, searchWith, { patience: 400 });
  }
});

document.addEventListener("click", (event) => {
  const preset = event.target.closest("[data-edges]");
  if (!preset) return;
  const edges = preset.dataset.edges.split(" ");
  ["left", "top", "right", "bottom"].forEach((side, n) => (preset.form[side].value = edges[n]));
  adjust(preset.form, searchWith);
});

document.addEventListener("cropped", (event) => adjust(event.target, searchWith));

listen((files) => searchWith(byId("search"), files));
suggest(show);
settle(frame);
frame();
refine(frame);
