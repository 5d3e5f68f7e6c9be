// Ways to hand a picture over beside the file chooser: drop it anywhere, or paste it.

import { showNotice } from "./notice.js";

const curtain = document.getElementById("drop");
const status = document.getElementById("status");

// Some systems do not know what an .avif or .heic file is, and give it no type.
const isPicture = (file) => file.type.startsWith("image/") || /\.(avif|heic|heif)$/i.test(file.name);
const pictures = (transfer) => [...transfer.files].filter(isPicture);
const brings = (event) => event.dataTransfer?.types.includes("Files");

// Calls `send` with the pictures somebody drops or pastes.
export function listen(send) {
  document.addEventListener("dragover", (event) => {
    if (!brings(event)) return;
    event.preventDefault();
    curtain.hidden = false;
  });
  document.addEventListener("dragleave", (event) => {
    if (!event.relatedTarget) curtain.hidden = true;
  });
  document.addEventListener("drop", (event) => {
    curtain.hidden = true;
    if (!brings(event)) return;
    event.preventDefault();
    const files = pictures(event.dataTransfer);
    if (files.length) send(files);
    else showNotice(status.dataset.noPicture);
  });
  document.addEventListener("paste", (event) => {
    // Words copied from an office program come with a picture of themselves: words go first.
    if (event.clipboardData.types.includes("text/plain")) return;
    const files = pictures(event.clipboardData);
    if (!files.length) return;
    event.preventDefault();
    send(files);
  });
}
