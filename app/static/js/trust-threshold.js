// The slider over the queues: how many cases each has at a probability, before anything is asked.

// Makes the slider and the number beside it one, and counts along.
export function begin() {
  const form = document.getElementById("threshold");
  if (!form) return;
  const slider = document.getElementById("bound-range");
  const number = document.getElementById("bound");
  const numerals = new Intl.NumberFormat(document.documentElement.lang);
  slider.closest("p").hidden = false;

  const follow = (from, to) =>
    from.addEventListener("input", () => {
      if (!from.checkValidity() || from.value === "") return;
      to.value = from.value;
      const step = Math.round(100 * Number(from.value));
      for (const place of document.querySelectorAll("[data-counts]")) {
        place.textContent = numerals.format(Number(place.dataset.counts.split(" ")[step]));
      }
      for (const field of document.querySelectorAll("[data-bound]")) field.value = from.value;
    });
  follow(slider, number);
  follow(number, slider);
}
