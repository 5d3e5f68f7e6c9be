"""Products whose pictures are arrows, and searches for them on the real server."""

from features.base import Json
from features.registry import Registry
from mappings.catalogue.catalogue import Catalogue
from mappings.search import request_body as queries
from mappings.search import results
from mappings.search.plan import Plan
from mappings.search.query import Query, Signal
from tests.support.plain_features import Arrow

EXACT = Plan("exact", 4)
EAST, NORTH, WEST = [1.0, 0.0], [0.0, 1.0], [-1.0, 0.0]


def arrow(value: list[float], about: str, weight: float = 1.0) -> Signal:
    """Return the signal of a query picture called `about`."""
    return Signal(Arrow(), value, weight, about)


def product(key: str, *arrows: list[float], photo: str | None = None, **more: Json) -> Json:
    """Return a product with a picture an arrow; those of one `photo` show the same."""
    images = [
        {
            "image_id": f"{photo or key}-{n}",
            "width": 1,
            "height": 1,
            "source": "catalogue",
            "arrow": arrow,
        }
        for n, arrow in enumerate(arrows)
    ]
    return {"id": key, "title": f"{key} mug", "images": images, **more}


def ask(shop: Catalogue, query: Query, registry: Registry) -> results.Results:
    """Run a query."""
    return results.read_results(shop.search(queries.build_body(query, registry)), query)
