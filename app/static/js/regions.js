// Spots on the picture searched with, one on each part that may show a thing of its own. Pressing one
// does what a preset of the crop form does: it fills in the part's edges, and the search begins anew.

const known = new Map();
// Closer together than this, in shares of the picture, two spots could not be told apart.
const NEAR = 0.12;

// Marks the parts of the picture on its `stage`; without an answer there are simply none.
export async function mark(stage, form) {
  const { regions } = form.dataset;
  if (!regions) return;
  if (!known.has(regions)) known.set(regions, await ask(regions));
  const placed = [];
  for (const region of known.get(regions)) {
    const [left, top, right, bottom] = region.box;
    const middle = [(left + right) / 2, (top + bottom) / 2];
    if (placed.some((other) => Math.hypot(middle[0] - other[0], middle[1] - other[1]) < NEAR)) continue;
    placed.push(middle);
    stage.append(spot(region.box.map((edge) => Number((100 * edge).toFixed(2))), form, placed.length));
  }
}

async function ask(address) {
  try {
    const answer = await fetch(address, { method: "POST" });
    return answer.ok ? (await answer.json()).regions : [];
  } catch {
    return [];
  }
}

function spot([left, top, right, bottom], form, number) {
  const box = document.createElement("div");
  box.className = "region";
  box.style.left = `${left}%`;
  box.style.top = `${top}%`;
  box.style.width = `${right - left}%`;
  box.style.height = `${bottom - top}%`;
  const button = document.createElement("button");
  button.type = "button";
  button.id = `region-${number}`;
  button.setAttribute("form", form.id);
  button.setAttribute("aria-label", `${form.dataset.region} ${number}`);
  button.dataset.edges = `${left} ${top} ${right} ${bottom}`;
  box.append(button);
  return box;
}
