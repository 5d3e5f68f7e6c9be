"""Asks for the price of now: the sale price of what is on sale, the price of everything else."""

from features.base import Json
from mappings.catalogue.sale import IDLE_SALE, PRICE, SALE_PERIOD, SALE_PRICE

ON_SALE: Json = {
    "bool": {
        "filter": [{"exists": {"field": SALE_PRICE}}],
        "must_not": [{"term": {IDLE_SALE: True}}],
        "should": [
            {"bool": {"must_not": [{"exists": {"field": SALE_PERIOD}}]}},
            {"range": {SALE_PERIOD: {"gte": "now", "lte": "now"}}},
        ],
        "minimum_should_match": 1,
    }
}
"""The products whose sale lasts now, by Elasticsearch's clock."""

NOT_ON_SALE: Json = {"bool": {"must_not": [ON_SALE]}}


def price_within(bounds: Json) -> Json:
    """Return the query for products whose price of now is within bounds, such as {"lte": 20}."""
    # A required clause on a field of the product tells Elasticsearch that a filter inside a nested
    # search is about products, not pictures.
    on_sale = {"bool": {"filter": [{"range": {SALE_PRICE: bounds}}, ON_SALE]}}
    regular = {"bool": {"filter": [{"range": {PRICE: bounds}}], "must_not": [ON_SALE]}}
    return {"bool": {"should": [regular, on_sale], "minimum_should_match": 1}}
