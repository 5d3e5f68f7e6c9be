// The pictures searched with, as this browser tab keeps them: the files until the next page load,
// and a small copy of each until the tab is closed. The shop does not keep them.

const SIDE = 900;
const MOST = 8;
const PREFIX = "picture:";
const files = new Map();

// Keeps pictures under the id the shop gave their search.
export async function keep(id, pictures) {
  files.set(id, pictures);
  try {
    const copies = await Promise.all(pictures.map(copy));
    store(id, JSON.stringify({ at: Date.now(), copies }));
  } catch {
    // A format this browser cannot draw, or no room: the files in memory will do.
  }
}

// Returns the pictures of a search as blobs; none when this tab never had them.
export function recall(id) {
  if (files.has(id)) return files.get(id);
  const kept = sessionStorage.getItem(PREFIX + id);
  return kept ? JSON.parse(kept).copies.map(blob) : [];
}

async function copy(file) {
  const bitmap = await createImageBitmap(file);
  const shrink = Math.min(1, SIDE / Math.max(bitmap.width, bitmap.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(bitmap.width * shrink));
  canvas.height = Math.max(1, Math.round(bitmap.height * shrink));
  const brush = canvas.getContext("2d");
  brush.fillStyle = "#fff"; // JPEG has no transparency
  brush.fillRect(0, 0, canvas.width, canvas.height);
  brush.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  return canvas.toDataURL("image/jpeg", 0.9);
}

function store(id, value) {
  const age = (key) => JSON.parse(sessionStorage.getItem(key)).at;
  const kept = Object.keys(sessionStorage).filter((key) => key.startsWith(PREFIX));
  kept.sort((a, b) => age(a) - age(b));
  for (const key of kept.slice(0, Math.max(0, kept.length - MOST + 1))) sessionStorage.removeItem(key);
  sessionStorage.setItem(PREFIX + id, value);
}

function blob(address) {
  const bytes = Uint8Array.from(atob(address.split(",")[1]), (letter) => letter.charCodeAt(0));
  return new Blob([bytes], { type: "image/jpeg" });
}
