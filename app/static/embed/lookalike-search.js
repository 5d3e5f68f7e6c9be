// The element <lookalike-search>: a search by words and photo on any site, of the shop that this
// script comes from.
//
//   <script type="module" src="https://shop.example/static/embed/lookalike-search.js"></script>
//   <lookalike-search></lookalike-search>
//
// Attributes: `shop` (the shop's address, by default the script's), `hits` (12), `lang` (the page's),
// `product-url` (where a product is; "{id}" is its id; by default the shop's own page of it).
// Events, which bubble: `lookalike-results` (detail: the answer), `lookalike-product` (detail: the hit
// that was chosen; preventDefault() keeps the page), `lookalike-error` (detail: the ShopError).

import { prepare } from "./upload.js";
import { createSearchClient } from "./search-client.js";
import { TEXTS } from "./texts.js";

const LIMITS = { file: 32e6, sent: 32e6 };
const TOO_LARGE = { en: "The file has {size} MB; at most {limit} MB can be sent.", ja: "ファイルは{size}MBです。{limit}MBまで送れます。" };
const HERE = new URL(import.meta.url).origin;

const STYLE = `
:host { display: block; color: var(--lookalike-ink, CanvasText); font: inherit; }
* { box-sizing: border-box; }
form { display: flex; flex-wrap: wrap; gap: .5rem; }
input[type=search] { flex: 1 1 12rem; min-width: 0; }
input[type=search], button, label { min-height: 2.75rem; padding: .4rem 1rem; border: 1px solid GrayText; border-radius: .6rem; background: Canvas; color: inherit; font: inherit; }
label { display: inline-flex; align-items: center; cursor: pointer; }
button.go { border-color: transparent; background: var(--lookalike-accent, #1e5b4f); color: var(--lookalike-on-accent, #fff); cursor: pointer; }
.hidden { position: absolute; width: 1px; height: 1px; margin: -1px; overflow: hidden; clip-path: inset(50%); }
input:focus-visible, button:focus-visible, a:focus-visible, .hidden:focus-visible + label { outline: 3px solid var(--lookalike-accent, Highlight); outline-offset: 2px; }
p { margin: .75rem 0; }
.error { padding: .75rem 1rem; border: 2px solid #b3261e; border-radius: .6rem; }
ul { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(45%, 10rem), 1fr)); gap: .75rem; margin: 0; padding: 0; list-style: none; }
a { display: block; height: 100%; overflow: hidden; border: 1px solid color-mix(in srgb, GrayText 50%, transparent); border-radius: .6rem; color: inherit; text-decoration: none; }
a:hover .title { text-decoration: underline; }
img { display: block; width: 100%; aspect-ratio: 1; object-fit: contain; background: #f3f0ea; }
.title, .price { display: block; padding: .35rem .6rem 0; }
.price { padding-bottom: .5rem; font-weight: 700; }
`;

class LookalikeSearch extends HTMLElement {
  #client = null;
  #address = "";
  #turn = 0;

  connectedCallback() {
    if (this.shadowRoot) return;
    const t = this.#texts;
    this.attachShadow({ mode: "open" }).innerHTML = `
      <form role="search">
        <input type="search" name="q" maxlength="1000" autocomplete="off">
        <span><input class="hidden" id="photo" type="file" accept="image/*,.avif,.heic,.heif"><label for="photo"></label></span>
        <button class="go"></button>
        <button type="button" class="clear" hidden></button>
      </form>
      <p class="status" role="status"></p>
      <p class="error" role="alert" hidden></p>
      <ul></ul>`;
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(STYLE);
    this.shadowRoot.adoptedStyleSheets = [sheet];
    this.#part("input[type=search]").setAttribute("aria-label", t.label);
    this.#part("input[type=search]").placeholder = t.label;
    this.#part("label").textContent = t.photo;
    this.#part("button.go").textContent = t.submit;
    this.#part("button.clear").textContent = t.clear;
    this.#part("ul").setAttribute("aria-label", t.results);
    this.#part("form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.search();
    });
    this.#part("#photo").addEventListener("change", ({ target }) => {
      const [file] = target.files;
      target.value = "";
      if (file) this.searchWithPicture(file);
    });
    this.#part("button.clear").addEventListener("click", () => {
      this.#shop().clearPicture();
      this.#part("button.clear").hidden = true;
      this.#part("input[type=search]").focus();
      this.search();
    });
    this.addEventListener("dragover", (event) => event.preventDefault());
    this.addEventListener("drop", (event) => {
      event.preventDefault();
      const file = [...event.dataTransfer.files].find((one) => one.type.startsWith("image/"));
      if (file) this.searchWithPicture(file);
    });
  }

  // Searches with what the element holds: the words typed, and the picture sent before.
  search() {
    return this.#run((client) => client);
  }

  // Searches with a picture, a File or Blob, beside the words typed.
  searchWithPicture(file) {
    return this.#run(async (client) => {
      const [blob] = await prepare([file], { limits: LIMITS, text: TOO_LARGE[this.#language] });
      await client.searchWithPicture(blob);
      this.#part("button.clear").hidden = false;
    });
  }

  async #run(before) {
    const turn = (this.#turn += 1);
    const t = this.#texts;
    this.#say(t.searching);
    try {
      const client = this.#shop();
      await before(client);
      const params = { query: this.#part("input[type=search]").value, hitsPerPage: Number(this.getAttribute("hits")) || 12 };
      const { results } = await client.search([{ indexName: "products", params }]);
      if (turn !== this.#turn) return;
      this.#show(results[0]);
    } catch (error) {
      if (turn !== this.#turn) return;
      this.#say("");
      this.#part(".error").textContent = error.message;
      this.#part(".error").hidden = false;
      this.#part("ul").replaceChildren();
      this.dispatchEvent(new CustomEvent("lookalike-error", { bubbles: true, composed: true, detail: error }));
    }
  }

  #show(result) {
    const t = this.#texts;
    this.#say(result.nbHits ? t.found.replace("{count}", result.nbHits.toLocaleString(this.#language)) : t.none);
    this.#part("ul").replaceChildren(...result.hits.map((hit) => this.#card(hit)));
    this.dispatchEvent(new CustomEvent("lookalike-results", { bubbles: true, composed: true, detail: result }));
  }

  #card(hit) {
    const card = document.createElement("li");
    const link = document.createElement("a");
    const template = this.getAttribute("product-url") ?? `${this.#shopAddress}/products/{id}`;
    link.href = template.replace("{id}", encodeURIComponent(hit.objectID));
    link.target = "_top";
    if (hit.image) {
      const image = document.createElement("img");
      image.src = hit.image;
      image.alt = "";
      image.loading = "lazy";
      link.append(image);
    }
    link.append(line("title", hit.title ?? hit.objectID), line("price", this.#price(hit)));
    link.addEventListener("click", (event) => {
      const options = { bubbles: true, composed: true, cancelable: true, detail: hit };
      if (!this.dispatchEvent(new CustomEvent("lookalike-product", options))) event.preventDefault();
    });
    card.append(link);
    return card;
  }

  #price({ price, currency }) {
    if (price === undefined || price === null) return "";
    if (!currency) return price.toLocaleString(this.#language);
    return price.toLocaleString(this.#language, { style: "currency", currency });
  }

  #say(text) {
    this.#part(".error").hidden = true;
    this.#part(".status").textContent = text;
  }

  #shop() {
    if (!this.#client || this.#address !== this.#shopAddress) {
      this.#address = this.#shopAddress;
      this.#client = createSearchClient({ url: this.#address });
    }
    return this.#client;
  }

  get #shopAddress() {
    return (this.getAttribute("shop") ?? HERE).replace(/\/+$/, "");
  }

  get #language() {
    const wanted = this.getAttribute("lang") ?? document.documentElement.lang ?? "";
    return wanted.slice(0, 2).toLowerCase() in TEXTS ? wanted.slice(0, 2).toLowerCase() : "en";
  }

  get #texts() {
    return TEXTS[this.#language];
  }

  #part(selector) {
    return this.shadowRoot.querySelector(selector);
  }
}

function line(name, text) {
  const element = document.createElement("span");
  element.className = name;
  element.textContent = text;
  return element;
}

if (!customElements.get("lookalike-search")) customElements.define("lookalike-search", LookalikeSearch);
