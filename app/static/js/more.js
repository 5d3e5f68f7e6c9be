// "Show more" below the results: adds the next page's cards to those that are there.

import { showNotice } from "./notice.js";

const status = document.getElementById("status");

export function extend() {
  document.addEventListener("click", async (event) => {
    const link = event.target.closest("a#more");
    if (!link || event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    if (link.getAttribute("aria-busy")) return;
    link.setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(link.href, { headers: { Accept: "text/html" } });
      const next = new DOMParser().parseFromString(await answer.text(), "text/html");
      const cards = [...next.querySelectorAll(".found .cards > li")];
      if (!answer.ok || !cards.length) throw new TypeError("no page of ours");
      document.querySelector(".found .cards").append(...cards);
      document.querySelector(".found .ending").replaceWith(next.querySelector(".found .ending"));
      history.replaceState(history.state, "", link.href);
      document.dispatchEvent(new Event("shown"));
      cards[0].querySelector("a")?.focus({ preventScroll: true });
      status.textContent = next.getElementById("count").textContent.trim();
    } catch {
      link.removeAttribute("aria-busy");
      showNotice(status.dataset.offline);
    }
  });
}
