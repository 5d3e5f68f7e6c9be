// Shows a photo's results again once the text in it has been read.

import { visit } from "./visit.js";

// Waits for the text of the photos on this page, then shows it in place and runs `done`. A page that
// has been left meanwhile, or is being left, stays as it is.
export async function refine(done) {
  const results = document.querySelector("#results[data-text]");
  if (!results) return;
  const { text: address } = results.dataset;
  results.removeAttribute("data-text");
  try {
    const answer = await fetch(address, { headers: { Accept: "application/json" } });
    const { text } = answer.ok ? await answer.json() : { text: "" };
    const isLeaving = document.getElementById("page").hasAttribute("aria-busy");
    if (!text || !results.isConnected || isLeaving) return;
    if (await visit(location.href, { inPlace: true, push: false })) await done();
  } catch {
    // Without the text the results are those of the picture alone.
  }
}
