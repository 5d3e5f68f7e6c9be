// A product over the page it was found on: the same article as on its own page.

import { showNotice } from "./notice.js";

const status = document.getElementById("status");

export function openQuickView() {
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("button[data-quick]");
    if (!button) return;
    const dialog = document.getElementById("quick");
    try {
      const answer = await fetch(button.dataset.quick, { headers: { Accept: "text/html" } });
      const next = new DOMParser().parseFromString(await answer.text(), "text/html");
      const product = next.querySelector("article.product");
      if (!answer.ok || !product) throw new TypeError("no product");
      // Its own page says what stands where in headings; here it is the only one.
      product.querySelector(".breadcrumbs")?.remove();
      dialog.querySelector(".quick-place").replaceChildren(document.adoptNode(product));
      dialog.querySelector("a.quick-whole").href = button.dataset.quick;
      dialog.setAttribute("aria-label", product.querySelector("h1").textContent);
      document.dispatchEvent(new Event("shown"));
      dialog.showModal();
    } catch {
      showNotice(status.dataset.offline);
    }
  });
}
