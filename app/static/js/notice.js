// Tells what went wrong without throwing the page away.

const byId = (id) => document.getElementById(id);

export function showNotice(text) {
  const notice = byId("notice");
  notice.hidden = false;
  notice.querySelector("p").textContent = text;
}

export function closeNotice() {
  byId("notice").hidden = true;
}

byId("notice")?.querySelector("button").addEventListener("click", closeNotice);
