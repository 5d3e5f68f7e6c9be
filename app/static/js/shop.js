// What scripts add to pages that work without them. Events are listened to once, on the document,
// because `visit` replaces everything inside #page.

import "./loading.js";
import { adjust, frame, step } from "./crop.js";
import { tell } from "./events.js";
import { keepFavourites } from "./favourites.js";
import { showGallery } from "./gallery.js";
import { showParts } from "./look.js";
import { extend } from "./more.js";
import { showNotice } from "./notice.js";
import { listen } from "./photos.js";
import { openQuickView } from "./quick_view.js";
import { refine } from "./read_text.js";
import { showSending } from "./sending.js";
import { suggest } from "./suggestions.js";
import { prepare } from "../embed/upload.js";
import { abort, settle, visit } from "./visit.js";

const byId = (id) => document.getElementById(id);

// Searches with these pictures and the form's other fields.
async function searchWith(form, files) {
  const { dataset } = byId("search");
  const limits = { file: Number(dataset.fileLimit), sent: Number(dataset.sentLimit) };
  let cancelled = false;
  const sending = showSending(files, () => {
    cancelled = true;
    abort();
    sending.close();
    byId("photo").focus();
  });
  scrollTo(0, 0);
  try {
    const blobs = await prepare(files, { limits, text: dataset.tooLarge });
    if (cancelled) return;
    const body = new FormData(form);
    body.delete("image");
    for (const blob of blobs) body.append("image", blob, "picture");
    sending.report(0);
    if (!(await visit(form.action, { body, progress: sending.report }))) return;
    sending.close();
    await settled();
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    showNotice(error.message);
  } finally {
    sending.close();
    for (const input of document.querySelectorAll("#photo, #camera")) input.value = "";
  }
}

// Goes to the address a form without pictures stands for.
async function go(form, { inPlace = false } = {}) {
  const fields = [...new FormData(form)].filter(([, value]) => typeof value === "string" && value);
  await show(`${form.action.split("?")[0]}?${new URLSearchParams(fields)}`, { inPlace });
}

async function show(url, { inPlace = false } = {}) {
  if (await visit(url, { inPlace })) await settled();
}

// Runs after every page that came.
async function settled() {
  refine(settled);
  frame();
  await showParts();
}

const chosen = (form) =>
  [...form.querySelectorAll("input[type=file]")].flatMap((input) => [...input.files]);

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!["search", "facets", "crop", "order"].includes(form.id)) return;
  event.preventDefault();
  form.closest("[popover]:popover-open")?.hidePopover();
  const files = chosen(form);
  if (files.length) searchWith(form, files);
  else go(form, { inPlace: form.id !== "search" });
});

document.addEventListener("change", (event) => {
  const field = event.target;
  if (field.matches("#photo, #camera") && field.files.length) {
    searchWith(byId("search"), [...field.files]);
  } else if (field.form?.id === "facets" && !byId("filters").matches(":popover-open")) {
    go(field.form, { inPlace: true });
  } else if (field.form?.id === "order") {
    go(field.form, { inPlace: true });
  } else if (field.form?.id === "crop" && field.type === "number" && field.form.checkValidity()) {
    adjust(field.form, go, { patience: 400 });
  }
});

document.addEventListener("click", (event) => {
  const preset = event.target.closest("[data-edges]");
  if (preset) {
    const edges = preset.dataset.edges.split(" ");
    ["left", "top", "right", "bottom"].forEach((side, n) => (preset.form[side].value = edges[n]));
    adjust(preset.form, go);
  }
  const stepper = event.target.closest("button[data-step]");
  if (stepper) {
    step(stepper);
    adjust(stepper.form, go, { patience: 600 });
  }
  const link = event.target.closest("a[data-in-place]");
  if (link && !event.metaKey && !event.ctrlKey && !event.shiftKey) {
    event.preventDefault();
    show(link.href, { inPlace: true });
  }
});

document.addEventListener("cropped", (event) => adjust(event.target, go));

listen((files) => searchWith(byId("search"), files));
suggest(show);
keepFavourites(show);
tell();
showGallery();
openQuickView();
extend();
settle(settled);
settled();
