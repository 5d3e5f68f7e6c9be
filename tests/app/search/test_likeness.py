"""Where hits end: at the likeness that unrelated pictures of the index do not have."""

import numpy as np

from app.search.likeness import FEWEST, LikenessLimits
from features.base import Json
from features.registry import Registry
from features.vector import dense_vector_mapping
from mappings.catalogue.catalogue import Catalogue
from mappings.engine.gateway import Gateway
from mappings.search.plan import Plan
from mappings.search.query import Query, Signal
from tests.support.plain_features import Pointer

DIMS = 64


class LongPointer(Pointer):
    """A pointer in so many dimensions that two drawn by lot have little in common."""

    def mapping(self) -> Json:
        return dense_vector_mapping(DIMS, "flat")


def drawn(count: int) -> Json:
    vectors = np.random.default_rng(4).standard_normal((count, DIMS))
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).tolist()


def test_limit_follows_a_shop_that_grows(gateway: Gateway, alias: str) -> None:
    pointer = LongPointer()
    catalogue = Catalogue(gateway, Registry([pointer]), alias)
    catalogue.prepare()
    vectors = drawn(40)
    limits = LikenessLimits(catalogue, max_age_s=0)
    query = Query(plan=Plan("exact", 0), signals=(Signal(pointer, vectors[0], 1.0),))

    def load(start: int, end: int) -> None:
        products = [
            {
                "id": str(row),
                "title": "",
                "photo_group": f"{row:02}",
                "images": [{"image_id": str(row), "source": "catalogue", "pointer": vectors[row]}],
            }
            for row in range(start, end)
        ]
        assert catalogue.write(products, refresh=True) == {}

    load(0, FEWEST - 1)
    assert limits.engine_score(query) is None, "too few pictures say nothing"
    load(FEWEST - 1, 40)
    limit = limits.engine_score(query)
    assert limit is not None
    scores = [(1 + float(np.dot(vectors[0], other))) / 2 for other in vectors]
    assert scores[0] > limit
    assert sum(score > limit for score in scores[1:]) <= 4
