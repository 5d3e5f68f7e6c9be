// A product's pictures: a small one shows its large copy, and that opens over the page to be zoomed.

const byId = (id) => document.getElementById(id);
const thumbs = (gallery) => [...gallery.querySelectorAll(".gallery-thumbs a")];

function choose(gallery, thumb) {
  const main = gallery.querySelector(".gallery-main");
  const image = main.querySelector("img");
  main.href = thumb.href;
  image.width = thumb.dataset.width;
  image.height = thumb.dataset.height;
  image.src = thumb.href;
  image.alt = thumb.querySelector("img").alt;
  for (const other of thumbs(gallery)) {
    if (other === thumb) other.setAttribute("aria-current", "true");
    else other.removeAttribute("aria-current");
  }
}

function step(by) {
  const gallery = document.querySelector("main .gallery");
  const all = thumbs(gallery);
  if (all.length < 2) return;
  const at = all.findIndex((thumb) => thumb.hasAttribute("aria-current"));
  choose(gallery, all[(at + by + all.length) % all.length]);
  draw(gallery);
}

function draw(gallery) {
  const { src, alt } = gallery.querySelector(".gallery-main img");
  const image = byId("zoom").querySelector("img");
  [image.src, image.alt] = [src, alt];
  byId("zoom").classList.remove("zoomed");
  for (const id of ["zoom-previous", "zoom-next"]) byId(id).hidden = thumbs(gallery).length < 2;
}

function toggle() {
  const zoom = byId("zoom");
  zoom.classList.toggle("zoomed");
  byId("zoom-in").setAttribute("aria-pressed", String(zoom.classList.contains("zoomed")));
}

export function showGallery() {
  document.addEventListener("click", (event) => {
    const gallery = event.target.closest(".gallery");
    const link = event.target.closest(".gallery a");
    if (gallery && link && !event.metaKey && !event.ctrlKey && !event.shiftKey) {
      event.preventDefault();
      if (link.matches(".gallery-main") && !gallery.closest("dialog")) {
        draw(gallery);
        byId("zoom").showModal();
      } else if (!link.matches(".gallery-main")) choose(gallery, link);
    }
    if (event.target.closest("#zoom-in, #zoom img")) toggle();
    if (event.target.closest("#zoom-previous")) step(-1);
    if (event.target.closest("#zoom-next")) step(1);
    if (event.target.closest("[data-close]")) event.target.closest("dialog").close();
    else if (event.target.matches("dialog.overlay")) event.target.close(); // beside the picture
  });
  document.addEventListener("keydown", (event) => {
    if (!byId("zoom")?.open) return;
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (by && !byId("zoom").classList.contains("zoomed")) step(by);
  });
}
