"""The embedding's clauses on the real server: exact and approximate search agree."""

import secrets
from collections.abc import Iterator

import numpy as np
import pytest
from elasticsearch import Elasticsearch

from core.environment import Environment
from features.base import ApproximateSearch, ClauseContext, Json, Picture
from features.embedding.feature import Embedding, create
from features.vector import INDEX_TYPES, MEASURES, SHORTEST_CODED, dense_vector_mapping
from tests.support.engine import Engine

FIELD = "images.embedding"


def cosine(a: Json, b: Json) -> float:
    return float(np.dot(a, b))


class Shop:
    """Products with a brand and a picture, in an index of their own."""

    def __init__(self, client: Elasticsearch, name: str, embedding: Embedding) -> None:
        self._client, self._name = client, name
        images = {"type": "nested", "properties": {"embedding": embedding.mapping()}}
        client.indices.create(
            index=name,
            settings={"number_of_shards": 1, "number_of_replicas": 0},
            mappings={"properties": {"brand": {"type": "keyword"}, "images": images}},
        )

    def put(self, brands: list[str], values: list[Json]) -> None:
        operations: list[Json] = []
        for number, (brand, value) in enumerate(zip(brands, values, strict=True)):
            document = {"brand": brand, "images": [{"embedding": value}]}
            operations += [{"index": {"_id": str(number)}}, document]
        answer = self._client.bulk(index=self._name, operations=operations, refresh="wait_for")
        assert not answer["errors"]

    def ask(self, clause: Json) -> dict[str, float]:
        query = {"nested": {"path": "images", "score_mode": "max", "query": clause}}
        hits = self._client.search(index=self._name, query=query, size=100, source=False)
        return {hit["_id"]: hit["_score"] for hit in hits["hits"]["hits"]}


@pytest.fixture
def shop(engine: Engine, embedding: Embedding) -> Iterator[Shop]:
    name = f"test-shop-{secrets.token_hex(6)}"
    with Elasticsearch(engine.url, basic_auth=(engine.user, engine.password)) as client:
        yield Shop(client, name, embedding)
        client.indices.delete(index=name)


def test_exact_and_approximate_scores_agree_on_the_server(
    embedding: Embedding, clothes: list[Picture], shop: Shop
) -> None:
    values = embedding.extract(clothes)
    shop.put(["any"] * len(values), values)
    exact = shop.ask(embedding.clause(values[0], ClauseContext(FIELD)))
    knn = shop.ask(embedding.clause(values[0], ClauseContext(FIELD, ApproximateSearch(40, 40))))
    assert len(exact) == len(knn) == 40
    for number, value in enumerate(values):
        true = cosine(values[0], value)
        assert exact[str(number)] == pytest.approx(knn[str(number)], abs=1e-4)
        assert embedding.evidence(exact[str(number)])["cosine"] == pytest.approx(true, abs=1e-4)


@pytest.mark.parametrize("measure", MEASURES)
def test_evidence_restates_what_the_server_scored(
    embedding: Embedding, clothes: list[Picture], shop: Shop, measure: str
) -> None:
    values = embedding.extract(clothes[:6])
    shop.put(["any"] * len(values), values)
    scores = shop.ask(embedding.clause(values[0], ClauseContext(FIELD, measure=measure)))
    assert sorted(scores, key=lambda id_: -scores[id_])[0] == "0"
    for number, value in enumerate(values):
        said = embedding.evidence(scores[str(number)], measure)[measure]
        distance = embedding.distance(values[0], value, measure)
        assert said == pytest.approx(distance if measure == "l2" else 1 - distance, abs=2e-3)


def test_filters_choose_before_the_neighbours_are(
    embedding: Embedding, clothes: list[Picture], shop: Shop
) -> None:
    values = embedding.extract(clothes)
    near_first = sorted(values, key=lambda value: -cosine(values[0], value))
    # The five wanted are the farthest of all: filtering afterwards would leave none of them.
    brands = ["common"] * 35 + ["rare"] * 5
    shop.put(brands, near_first)
    filters = ({"term": {"brand": "rare"}},)
    clause = embedding.clause(values[0], ClauseContext(FIELD, ApproximateSearch(5, 10), filters))
    assert sorted(shop.ask(clause)) == ["35", "36", "37", "38", "39"]


def test_opposite_vectors_score_nothing_rather_than_fail(
    embedding: Embedding, clothes: list[Picture], shop: Shop
) -> None:
    (value,) = embedding.extract(clothes[:1])
    shop.put(["any"], [value])
    opposite = [-x for x in value]
    for measure in ("cosine", "dot"):
        scores = shop.ask(embedding.clause(opposite, ClauseContext(FIELD, measure=measure)))
        assert scores["0"] == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize("kind", INDEX_TYPES)
def test_the_server_takes_every_index_type(engine: Engine, kind: str) -> None:
    values = Environment.current().values
    embedding = create(Environment({**values, "LOOKALIKE_VECTOR_INDEX": kind}))
    assert embedding.mapping()["index_options"]["type"] == kind
    name = f"test-kind-{secrets.token_hex(6)}"
    with Elasticsearch(engine.url, basic_auth=(engine.user, engine.password)) as client:
        client.indices.create(
            index=name, mappings={"properties": {"embedding": embedding.mapping()}}
        )
        client.indices.delete(index=name)


@pytest.mark.parametrize(("kind", "kept"), [("bbq_flat", "flat"), ("bbq_hnsw", "hnsw")])
def test_short_vectors_have_no_codes(engine: Engine, kind: str, kept: str) -> None:
    mapping = dense_vector_mapping(SHORTEST_CODED - 1, kind)
    assert mapping["index_options"]["type"] == kept
    assert dense_vector_mapping(SHORTEST_CODED, kind)["index_options"]["type"] == kind
    name = f"test-short-{secrets.token_hex(6)}"
    with Elasticsearch(engine.url, basic_auth=(engine.user, engine.password)) as client:
        client.indices.create(index=name, mappings={"properties": {"short": mapping}})
        client.indices.delete(index=name)
