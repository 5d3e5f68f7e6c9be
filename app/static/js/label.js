// Labelling by keys: each button says which key presses it.

const MODIFIERS = ["ctrlKey", "metaKey", "altKey"];

document.addEventListener("keydown", (event) => {
  if (event.isComposing || event.repeat || MODIFIERS.some((name) => event[name])) return;
  const button = [...document.querySelectorAll("button[data-key]")]
    .find((candidate) => candidate.dataset.key === event.key);
  if (!button) return;
  event.preventDefault();
  button.click();
});
