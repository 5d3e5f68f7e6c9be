// What scripts add to the desk, which works without them: keys, and comparing in place.

import { legend, listen } from "./trust-keys.js";
import * as members from "./trust-members.js";
import * as stage from "./trust-stage.js";
import * as threshold from "./trust-threshold.js";

const press = (...selectors) =>
  selectors.map((one) => document.querySelector(one)).find(Boolean)?.click();
const dialog = document.getElementById("legend");

const actions = {
  ...members.actions,
  ...stage.actions,
  confirm: () => press("#decide", "#confirm", "#claim"),
  skip: () => press("#skip"),
  comment: () => {
    document.getElementById("comment-box").open = true;
    document.getElementById("comment").focus();
  },
  undo: () => press("#undo button"),
  legend: () => {
    legend(dialog);
    dialog.showModal();
  },
};

document.addEventListener("click", (event) => {
  const tool = event.target.closest("button[data-does]");
  if (tool) actions[tool.dataset.does]();
});

members.begin();
stage.settle();
threshold.begin();
listen(actions);
document.getElementById("legend-open").hidden = false;
