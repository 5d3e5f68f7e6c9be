// Keeps the line about a load up to date, and takes it away once everything is loaded.

const EVERY_MS = 2000;

const line = document.getElementById("loading");
const number = (value) => value.toLocaleString(document.documentElement.lang);

function text({ products, total, pending }) {
  const counts = { products: number(products), total: number(total), pending: number(pending) };
  const message = products < total ? line.dataset.products : line.dataset.pending;
  return message.replace(/\{(\w+)\}/g, (_, name) => counts[name]);
}

async function update() {
  try {
    const answer = await fetch(line.dataset.status);
    const status = await answer.json();
    line.hidden = !status.loading;
    if (status.loading) line.textContent = text(status);
    else return;
  } catch {
    // The server may be restarting: the line stays as it is.
  }
  setTimeout(update, EVERY_MS);
}

if (line && !line.hidden) setTimeout(update, EVERY_MS);
