// Blurs or greys all pictures as this reviewer last chose, before the first of them is drawn.
// A plain script in the head, not a module: modules run once the page has been read.

(() => {
  document.documentElement.classList.add("scripted");
  for (const name of ["blur", "grey"]) {
    let chosen = null;
    try {
      chosen = localStorage.getItem(`veil-${name}`);
    } catch {
      // No storage in this browser: nothing is remembered, and nothing is veiled.
    }
    document.documentElement.classList.toggle(`veil-${name}`, chosen === "on");
  }
})();
