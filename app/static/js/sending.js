// What stands on the page while a photo is on its way: the photo, how far it is, and a way out.

const byId = (id) => document.getElementById(id);

// Shows the photos at the top of the page; returns how to report progress and how to take it away.
export function showSending(files, cancel) {
  const panel = byId("sending").content.firstElementChild.cloneNode(true);
  const words = panel.querySelector(".sending-text");
  const bar = panel.querySelector("progress");
  const addresses = files.map((file) => URL.createObjectURL(file));
  for (const address of addresses) {
    const image = document.createElement("img");
    image.alt = "";
    image.onerror = () => image.remove(); // a format this browser cannot show
    image.src = address;
    panel.querySelector(".sending-pictures").append(image);
  }
  byId("panel").replaceChildren(panel);
  panel.querySelector("button").addEventListener("click", cancel);
  const say = (text) => {
    if (words.textContent === text) return;
    words.textContent = text;
    byId("status").textContent = text;
  };
  say(panel.dataset.preparing);
  return {
    report(share) {
      bar.value = share;
      say(share < 1 ? panel.dataset.sending : panel.dataset.searching);
    },
    close() {
      panel.remove();
      for (const address of addresses) URL.revokeObjectURL(address);
    },
  };
}
