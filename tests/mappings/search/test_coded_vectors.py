"""An index of one-bit codes answers with exact scores, and names the right one of two pictures."""

import numpy as np
import pytest

from features.base import ApproximateSearch, Json
from features.registry import Registry
from features.vector import INDEX_TYPES, dense_vector_mapping
from mappings.catalogue.catalogue import Catalogue
from mappings.engine.gateway import Gateway
from mappings.search import request_body, results
from mappings.search.plan import Plan
from mappings.search.query import Query, Signal
from tests.support.plain_features import Pointer, Stamp

DIMS, PRODUCTS, PAGE = 128, 150, 10

APPROXIMATE = Plan("approximate", PRODUCTS, ApproximateSearch(50, 100, 2))
EXACT = Plan("exact", PRODUCTS)


class CodedPointer(Pointer):
    """A pointer of many numbers, in an index of any type."""

    def __init__(self, index_type: str) -> None:
        super().__init__()
        self._index_type = index_type

    def mapping(self) -> Json:
        return dense_vector_mapping(DIMS, self._index_type)


def drawn(count: int, seed: int) -> Json:
    vectors = np.random.default_rng(seed).standard_normal((count, DIMS))
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).tolist()


@pytest.mark.parametrize("index_type", INDEX_TYPES)
def test_hits_score_as_if_compared_exactly(gateway: Gateway, alias: str, index_type: str) -> None:
    pointer = CodedPointer(index_type)
    registry = Registry([pointer, Stamp()])
    catalogue = Catalogue(gateway, registry, alias)
    catalogue.prepare()
    vectors = drawn(2 * PRODUCTS, seed=1)
    products = [
        {
            "id": str(row),
            "title": "",
            "images": [
                {
                    "image_id": f"{row}-{side}",
                    "source": "catalogue",
                    "pointer": vectors[2 * row + side],
                }
                for side in (0, 1)
            ],
        }
        for row in range(PRODUCTS)
    ]
    assert catalogue.write(products, refresh=True) == {}

    def ask(plan: Plan, vector: Json) -> dict[str, tuple[str | None, float]]:
        query = Query(plan=plan, signals=(Signal(pointer, vector, 1.0),), size=PAGE)
        page = results.read_results(
            catalogue.search(request_body.build_body(query, registry)), query
        )
        assert len(page.hits) == PAGE
        return {
            hit.id: (hit.image_id, round(hit.signals["pointer"]["cosine"], 4)) for hit in page.hits
        }

    found = 0
    for vector in drawn(10, seed=2):
        exact, coded = ask(EXACT, vector), ask(APPROXIMATE, vector)
        shared = exact.keys() & coded.keys()
        assert {key: coded[key] for key in shared} == {key: exact[key] for key in shared}
        found += len(shared)
    assert found >= 0.8 * 10 * PAGE
