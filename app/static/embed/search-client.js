// A search client for InstantSearch (https://www.algolia.com/doc/guides/building-search-ui/) on a
// lookalike shop, by words, filters and pictures:
//
//   const searchClient = createSearchClient({ url: "https://shop.example" });
//   instantsearch({ indexName: "products", searchClient });
//   await searchClient.searchWithPicture(file); // then search.refresh()
//
// `indexName` may end in "/sort/price_up", "/sort/price_down" or "/sort/newest". Facets of one name
// are alternatives; what the shop cannot do (alternatives to a negated filter, filters as text) raises an
// Error that says so.

const SORT = "/sort/";
const NUMERIC = /^(price)\s*(<=|>=|=)\s*(-?[\d.]+)$/;
const HITS = 20;

export class ShopError extends Error {
  // `detail` says what happened and what to do; `status` is 0 where no answer came.
  constructor(detail, status = 0) {
    super(detail);
    this.name = "ShopError";
    this.status = status;
  }
}

export function createSearchClient({ url, fetch: send = globalThis.fetch.bind(globalThis) }) {
  const shop = url.replace(/\/+$/, "");
  let picture = "";
  let answers = new Map();

  async function call(path, options) {
    let answer;
    try {
      answer = await send(`${shop}${path}`, { credentials: "omit", ...options });
    } catch {
      throw new ShopError(await whyNot(shop, send));
    }
    const body = await answer.json().catch(() => ({}));
    if (!answer.ok) throw new ShopError(body.detail ?? `the shop answered ${answer.status}`, answer.status);
    return body;
  }

  async function answer(request) {
    const fields = fieldsOf(request);
    if (picture) fields.append("picture", picture);
    const key = String(fields);
    if (!answers.has(key)) answers.set(key, call(`/api/v1/search?${key}`));
    try {
      return result(request, await answers.get(key), shop);
    } catch (error) {
      answers.delete(key);
      throw error;
    }
  }

  return {
    // Answers InstantSearch's requests, in order.
    search: async (requests) => ({ results: await Promise.all(requests.map(answer)) }),

    // Answers requests for the values of one facet: those that contain what was typed.
    searchForFacetValues: (requests) =>
      Promise.all(
        requests.map(async ({ params, indexName }) => {
          const { facetName, facetQuery = "", maxFacetHits = 10, ...rest } = params;
          const plain = { indexName, params: { ...rest, facets: [facetName], hitsPerPage: 1 } };
          const { facets, processingTimeMS } = await answer(plain);
          const wanted = facetQuery.toLowerCase();
          const facetHits = Object.entries(facets[facetName] ?? {})
            .filter(([value]) => value.toLowerCase().includes(wanted))
            .slice(0, maxFacetHits)
            .map(([value, count]) => ({ value, highlighted: value, count }));
          return { facetHits, exhaustiveFacetsCount: true, processingTimeMS };
        }),
      ),

    // Sends a picture (a File or Blob); the searches from now on look for what it shows.
    async searchWithPicture(file) {
      const body = new FormData();
      body.append("image", file, "picture");
      body.append("size", "1");
      ({ picture } = await call("/api/v1/search", { method: "POST", body }));
      answers = new Map();
      return picture;
    },

    // Searches without a picture again.
    clearPicture() {
      picture = "";
      answers = new Map();
    },

    // What InstantSearch calls to have everything asked anew.
    clearCache() {
      answers = new Map();
    },
  };
}

// Returns what went wrong where no answer came: this site may not embed the search, or no connection.
async function whyNot(shop, send) {
  try {
    const { allowed, detail } = await (await send(`${shop}/embed/access`, { credentials: "omit" })).json();
    if (!allowed) return detail;
  } catch {
    // The shop cannot be reached at all.
  }
  return `${shop} cannot be reached; check the connection and the shop's address`;
}

function fieldsOf({ indexName = "", params = {} }) {
  const fields = new URLSearchParams();
  const { query, page = 0, hitsPerPage = HITS, facets = [], facetFilters = [], numericFilters = [] } = params;
  for (const name of ["filters", "optionalFilters", "tagFilters"]) {
    if (params[name]?.length) throw new Error(`${name}: lookalike takes facetFilters and numericFilters`);
  }
  if (query) fields.append("q", query);
  fields.append("page", page + 1);
  // A request for facets alone asks for no hits.
  fields.append("size", Math.max(1, hitsPerPage));
  const sort = indexName.split(SORT)[1];
  if (sort) fields.append("sort", sort);
  for (const name of [facets].flat()) if (name !== "*") fields.append("facets", name);
  for (const group of [facetFilters].flat()) {
    const read = [group].flat().map(facetFilter);
    if (read.length > 1 && read.some(({ isNegated }) => isNegated)) {
      throw new Error(
        `${[group].flat().join(" or ")}: a negated filter has no alternatives in lookalike; ` +
          "put it into a group of its own",
      );
    }
    for (const { isNegated, filter } of read) fields.append(isNegated ? "exclude" : "filter", filter);
  }
  for (const filter of [numericFilters].flat(2)) {
    const [, , sign, value] = NUMERIC.exec(filter) ?? [];
    if (!sign) throw new Error(`${filter}: lookalike compares price with >=, <= or =`);
    if (sign !== "<=") fields.append("price_min", value);
    if (sign !== ">=") fields.append("price_max", value);
  }
  return fields;
}

// Reads "name:value", negated as "name:-value" or "-name:value"; a value's own dash is "\-".
function facetFilter(text) {
  const colon = text.indexOf(":");
  const [name, value] = [text.slice(0, colon), text.slice(colon + 1)];
  const isNegated = name.startsWith("-") || value.startsWith("-");
  return { isNegated, filter: `${name.replace(/^-/, "")}:${value.replace(/^-|^\\(?=-)/, "")}` };
}

function result({ indexName = "", params = {} }, answer, shop) {
  const { hitsPerPage = HITS, page = 0, query = "" } = params;
  const facets = {};
  const stats = {};
  for (const [name, values] of Object.entries(answer.facets)) {
    if (Array.isArray(values)) facets[name] = Object.fromEntries(values.map((v) => [v.value, v.count]));
    else if (values.min !== null) {
      stats[name] = { min: values.min, max: values.max };
      facets[name] = { [values.min]: 1, [values.max]: 1 };
    }
  }
  const hits = answer.hits.slice(0, hitsPerPage).map((hit, place) => ({
    ...hit.product,
    objectID: hit.id,
    image: hit.image && new URL(hit.image, `${shop}/`).href,
    badge: hit.badge,
    score: hit.score,
    __position: page * hitsPerPage + place + 1,
    _highlightResult: {},
  }));
  return {
    index: indexName,
    hits,
    nbHits: answer.total,
    page,
    nbPages: hitsPerPage ? Math.ceil(answer.total / hitsPerPage) : 0,
    hitsPerPage,
    query,
    params: new URLSearchParams({ query, page, hitsPerPage }).toString(),
    facets,
    facets_stats: stats,
    exhaustiveNbHits: answer.total_is_exact,
    exhaustiveFacetsCount: true,
    processingTimeMS: Math.round(answer.took_ms),
    queryID: answer.query_id,
  };
}
