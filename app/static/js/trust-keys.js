// Every key of the desk: this one table dispatches them and makes the legend.

const MODIFIERS = ["ctrlKey", "metaKey", "altKey"];
const WRITING = "textarea, select, [contenteditable], .bank-these form, input:not([type=checkbox], [type=radio], [type=range])";
const PRESSED_BY_ENTER = "a[href], button, summary";
const MOVED_BY_ARROWS = "input[type=radio], input[type=range], .stages.zoomed .stage";

// keys: as KeyboardEvent.key says them, the first ones are shown; does: the name of an action and
// of its words on the legend; on: what must be on the page for the binding to mean anything.
export const BINDINGS = [
  { keys: ["j", "ArrowRight"], does: "next", on: ".member-card" },
  { keys: ["k", "ArrowLeft"], does: "previous", on: ".member-card" },
  { keys: ["x"], does: "select", on: ".pick" },
  { keys: ["a"], does: "all", on: ".pick" },
  { keys: ["1", "2", "3", "4"], does: "verdict", on: ".verdicts" },
  { keys: ["Enter"], does: "confirm", on: "#decide, #confirm, #claim" },
  { keys: ["s"], does: "skip", on: "#skip" },
  { keys: ["c"], does: "comment", on: "#comment-box" },
  { keys: ["u"], does: "undo", on: "#undo button" },
  { keys: ["m"], does: "marks", on: "[data-does=marks]:enabled" },
  { keys: ["o"], does: "overlay", on: "[data-does=overlay]:enabled" },
  { keys: ["d"], does: "difference", on: "[data-does=difference]:enabled" },
  { keys: ["f"], does: "flip", on: "[data-does=flip]" },
  { keys: ["+", "="], does: "nearer", on: ".stages" },
  { keys: ["-"], does: "farther", on: ".stages" },
  { keys: ["b"], does: "blur", on: ".veiled" },
  { keys: ["g"], does: "grey", on: ".veiled" },
  { keys: ["?"], does: "legend", on: "#legend" },
];

const SIGNS = { ArrowRight: "→", ArrowLeft: "←", Enter: "↵" };

// Calls actions[does](key) for every bound key that means something here.
export function listen(actions) {
  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.repeat && event.key === "Enter") return;
    if (MODIFIERS.some((name) => event[name]) || isTaken(event)) return;
    const bound = BINDINGS.find(({ keys, on }) => keys.includes(event.key) && document.querySelector(on));
    if (!bound) return;
    event.preventDefault();
    actions[bound.does](event.key);
  });
}

// Writes the legend of what works on this page.
export function legend(dialog) {
  const list = dialog.querySelector("dl");
  const rows = BINDINGS.filter(({ on }) => document.querySelector(on)).map(({ keys, does }) => {
    const row = document.createElement("div");
    const term = document.createElement("dt");
    const words = document.createElement("dd");
    for (const key of keys) {
      const sign = document.createElement("kbd");
      sign.textContent = SIGNS[key] ?? key;
      term.append(sign, " ");
    }
    words.textContent = dialog.dataset[does];
    row.append(term, words);
    return row;
  });
  list.replaceChildren(...rows);
}

// Says whether the element in focus has its own use for the key.
function isTaken({ key, target }) {
  if (document.querySelector("dialog[open]")) return true;
  if (target.closest(WRITING)) return true;
  if (key === "Enter") return Boolean(target.closest(PRESSED_BY_ENTER));
  return key.startsWith("Arrow") && Boolean(target.closest(MOVED_BY_ARROWS));
}
