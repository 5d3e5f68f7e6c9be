"""The query for the price of now, to the letter."""

from mappings.search.sale_query import price_within

ON_SALE = {
    "bool": {
        "filter": [{"exists": {"field": "sale_price"}}],
        "must_not": [{"term": {"idle_sale": True}}],
        "should": [
            {"bool": {"must_not": [{"exists": {"field": "sale_price_effective_date"}}]}},
            {"range": {"sale_price_effective_date": {"gte": "now", "lte": "now"}}},
        ],
        "minimum_should_match": 1,
    }
}


def test_price_of_now_is_the_sale_price_of_what_is_on_sale() -> None:
    assert price_within({"lte": 20}) == {
        "bool": {
            "should": [
                {
                    "bool": {
                        "filter": [{"range": {"price": {"lte": 20}}}],
                        "must_not": [ON_SALE],
                    }
                },
                {"bool": {"filter": [{"range": {"sale_price": {"lte": 20}}}, ON_SALE]}},
            ],
            "minimum_should_match": 1,
        }
    }
