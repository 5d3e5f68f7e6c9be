// What the element <lookalike-search> says, by language.

export const TEXTS = {
  en: {
    label: "Search by word or photo",
    photo: "Search by photo",
    submit: "Search",
    clear: "Remove photo",
    searching: "Searching…",
    none: "No products match. Try another photo or other words.",
    found: "{count} products",
    results: "Products found",
  },
  ja: {
    label: "言葉や写真で検索",
    photo: "写真で検索",
    submit: "検索",
    clear: "写真を外す",
    searching: "検索中…",
    none: "該当する商品がありません。別の写真や言葉でお試しください。",
    found: "{count}点の商品",
    results: "見つかった商品",
  },
};
