"""An overview of the catalogue for the shop's front: a few products of each top category."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, zip_longest

from features.base import Json
from mappings.catalogue.catalogue import Catalogue
from mappings.catalogue.products import CARD_GROUP, ITEM_GROUP, PICTURES
from mappings.words.lexicon import PATH_SEPARATOR

CATEGORIES = 8
PRODUCTS_EACH = 3
SEED = 7
CHANGED_AT = "updated_at"

PICTURED: Json = {"nested": {"path": PICTURES, "query": {"match_all": {}}}}


@dataclass(frozen=True)
class Overview:
    """`categories` are the largest top categories, each with a product that stands for it;
    `products` a few of each, mixed. `has_dates` says whether products say when they changed."""

    categories: tuple[tuple[str, Mapping[str, Json]], ...] = ()
    products: tuple[Mapping[str, Json], ...] = ()
    has_dates: bool = False


def read_overview(catalogue: Catalogue) -> Overview:
    """Return the overview: one request, and one for each category.

    Products are drawn by lot, the same at every call, from those that have a picture and are not
    sold out, those with variants first.
    """
    answer = catalogue.search(_counts_body())
    counted = answer["aggregations"]
    paths = [str(bucket["key"]) for bucket in counted["categories"]["buckets"]]
    tops = [path for path in paths if PATH_SEPARATOR not in path][:CATEGORIES]
    found = {top: _sources(catalogue.search(_products_body(top))) for top in tops}
    mixed = chain.from_iterable(zip_longest(*found.values()))
    return Overview(
        tuple((top, products[0]) for top, products in found.items() if products),
        tuple(product for product in mixed if product is not None),
        counted["dated"]["doc_count"] > 0,
    )


def _counts_body() -> Json:
    return {
        "size": 0,
        "aggs": {
            "categories": {"terms": {"field": "category", "size": 200}},
            "dated": {"filter": {"exists": {"field": CHANGED_AT}}},
        },
    }


def _products_body(category: str) -> Json:
    # Listings with variants are made with care: their pictures stand for the shop best.
    functions = [
        {"random_score": {"seed": SEED, "field": "_seq_no"}},
        {"filter": {"exists": {"field": ITEM_GROUP}}, "weight": 2},
    ]
    drawn = {"functions": functions, "score_mode": "sum"}
    sold_out = {"term": {"availability": "out_of_stock"}}
    suitable = {
        "bool": {"filter": [{"term": {"category": category}}, PICTURED], "must_not": [sold_out]}
    }
    return {
        "size": PRODUCTS_EACH,
        "query": {"function_score": {"query": suitable, **drawn, "boost_mode": "replace"}},
        "collapse": {"field": CARD_GROUP},
        "_source": {"includes": _SHOWN},
    }


_SHOWN: Sequence[str] = (
    "id", "title", "price", "sale_price", "sale_price_effective_date", "currency", "availability",
    "category", f"{PICTURES}.image_id", f"{PICTURES}.source", f"{PICTURES}.expires_at",
)  # fmt: skip


def _sources(answer: Json) -> list[Mapping[str, Json]]:
    return [hit["_source"] for hit in answer["hits"]["hits"]]
