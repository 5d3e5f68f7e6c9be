// The latest searches by words, kept in this browser alone: no server sees the list.

const KEY = "lookalike.recent";
const MOST = 6;

export function recent() {
  try {
    const found = JSON.parse(localStorage.getItem(KEY) ?? "[]");
    return Array.isArray(found) ? found.filter((words) => typeof words === "string") : [];
  } catch {
    return []; // storage is blocked, or holds what is not ours
  }
}

export function remember(words) {
  const text = words.trim();
  if (text) store([text, ...recent().filter((other) => other !== text)].slice(0, MOST));
}

export function forget() {
  store([]);
}

function store(searches) {
  try {
    localStorage.setItem(KEY, JSON.stringify(searches));
  } catch {
    // Storage is full or blocked: there are no recent searches then.
  }
}
