"""The embedding: what it holds, what it asks, and that the server agrees with itself."""

import io
import secrets
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from elasticsearch import Elasticsearch
from PIL import Image

from core.environment import Environment
from core.errors import InvalidSetting, UnknownName
from features.base import ApproximateSearch, ClauseContext, Json, Picture
from features.embedding.feature import Embedding, create
from features.errors import ModelUnavailable
from features.imaging.decode import EXIF_TURNS, decode
from features.vector import MEASURES
from tests.support.engine import Engine
from tests.support.pictures import cropped, plain, resized

FIELD = "images.embedding"


def cosine(a: Json, b: Json) -> float:
    return float(np.dot(a, b))


def test_values_are_of_length_one(embedding: Embedding, clothes: list[Picture]) -> None:
    for value in embedding.extract(clothes[:4]):
        assert len(value) == embedding.mapping()["dims"] == 1280
        assert np.linalg.norm(value) == pytest.approx(1, abs=1e-6)


def test_a_batch_gives_what_single_pictures_give(
    embedding: Embedding, clothes: list[Picture]
) -> None:
    batch = embedding.extract(clothes[:8])
    for value, picture in zip(batch, clothes[:8], strict=True):
        assert np.allclose(value, embedding.extract([picture])[0], atol=1e-6)


def test_an_edited_picture_stays_nearer_than_another(
    embedding: Embedding, clothes: list[Picture]
) -> None:
    original, smaller, cut, other = embedding.extract(
        [clothes[0], resized(clothes[0]), cropped(clothes[0], 0.2), clothes[20]]
    )
    assert 1 > cosine(original, smaller) > cosine(original, cut) > cosine(original, other)


def test_a_turned_file_has_the_same_embedding(embedding: Embedding, clothes: list[Picture]) -> None:
    upright = clothes[0].pixels
    stored = [(1, upright)] + [
        (orientation, upright.transpose(BACK.get(turn, turn)))
        for orientation, turn in EXIF_TURNS.items()
    ]
    values = embedding.extract([decode(turned(*each)) for each in stored])
    assert all(cosine(values[0], value) >= 0.999 for value in values)


BACK = {
    Image.Transpose.ROTATE_90: Image.Transpose.ROTATE_270,
    Image.Transpose.ROTATE_270: Image.Transpose.ROTATE_90,
}


def turned(orientation: int, stored: Image.Image) -> bytes:
    """Return a photo file whose EXIF says how to turn it upright."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    file = io.BytesIO()
    stored.save(file, "PNG", exif=exif)
    return file.getvalue()


def test_phone_photos_find_their_product_far_above_chance(
    embedding: Embedding, shared_data: Path
) -> None:
    # A guard against a wrong preprocessing, not a benchmark: chance is 0.0125, the figure for all
    # photos 0.34 (`python -m bench street2shop`).
    folder = shared_data / "grocery"
    products = sorted((folder / "iconic").iterdir())
    gallery = np.array(embedding.extract([decode(path.read_bytes()) for path in products]))
    lines = (folder / "queries_dev.csv").read_text(encoding="utf-8").splitlines()[1::18]
    photos = [decode((folder / line.split(",")[1]).read_bytes()) for line in lines]
    nearest = (np.array(embedding.extract(photos)) @ gallery.T).argmax(axis=1)
    right = [
        products[product].name.startswith(line.split(",")[2] + "_")
        for product, line in zip(nearest, lines, strict=True)
    ]
    assert np.mean(right) > 0.2


def test_exact_clause_is_a_script_over_the_pictures_that_have_a_vector(
    embedding: Embedding,
) -> None:
    assert embedding.clause([1.0, 0.0], ClauseContext(FIELD)) == {
        "script_score": {
            "query": {"exists": {"field": FIELD}},
            "script": {
                "source": "Math.max(0, (1 + cosineSimilarity(params.vector, params.field)) / 2)",
                "params": {"vector": [1.0, 0.0], "field": FIELD},
            },
        }
    }


def test_approximate_clause_carries_the_filters(embedding: Embedding) -> None:
    filters = ({"term": {"brand": "a"}}, {"range": {"price": {"lt": 5}}})
    ask = ClauseContext(FIELD, ApproximateSearch(10, 100), filters, "cosine")
    assert embedding.clause([1.0, 0.0], ask) == {
        "knn": {
            "field": FIELD,
            "query_vector": [1.0, 0.0],
            "k": 10,
            "num_candidates": 100,
            "filter": [{"term": {"brand": "a"}}, {"range": {"price": {"lt": 5}}}],
        }
    }


@pytest.mark.parametrize("measure", ["dot", "l2"])
def test_other_measures_are_always_exact(embedding: Embedding, measure: str) -> None:
    clause = embedding.clause([1.0], ClauseContext(FIELD, ApproximateSearch(1, 1), (), measure))
    assert list(clause) == ["script_score"]


def test_an_unknown_measure_names_the_known_ones(embedding: Embedding) -> None:
    with pytest.raises(UnknownName, match="cosine, dot, l2"):
        embedding.clause([1.0], ClauseContext(FIELD, measure="manhattan"))


@pytest.mark.parametrize("measure", MEASURES)
def test_distance_grows_with_the_angle(embedding: Embedding, measure: str) -> None:
    a, near, far = [1.0, 0.0], [0.8, 0.6], [-1.0, 0.0]
    assert embedding.distance(a, a, measure) == 0
    assert 0 < embedding.distance(a, near, measure) < embedding.distance(a, far, measure) == 2


def test_vectors_of_two_models_have_no_distance(embedding: Embedding) -> None:
    with pytest.raises(ValueError, match="two models"):
        embedding.distance([1.0], [1.0, 0.0])


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


def test_identity_tells_model_weights_and_preprocessing(embedding: Embedding) -> None:
    identity = embedding.identity()
    assert identity == {
        "model": "efficientnet-lite0",
        "weights_sha256": "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db",
        "runtime": "litert",
        "precision": "float32",
        "preprocessing": {
            "side": 224,
            "crop": 0.875,
            "resample": "bicubic",
            "channels": "RGB",
            "pixels": "(x - 127) / 128",
        },
        "dims": 1280,
    }
    identity["preprocessing"].clear()
    assert embedding.identity()["preprocessing"]


@pytest.mark.parametrize("kind", ["hnsw", "int8_hnsw", "bbq_hnsw", "flat"])
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


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("LOOKALIKE_VECTOR_INDEX", "fastest"),
        ("LOOKALIKE_EMBEDDING_INTERPRETERS", "0"),
        ("LOOKALIKE_EMBEDDING_PIXEL_RANGE", "0..1000"),
        ("LOOKALIKE_EMBEDDING_VIEWS", "3"),
    ],
)
def test_a_wrong_setting_is_named(name: str, value: str) -> None:
    environment = Environment({**Environment.current().values, name: value})
    with pytest.raises(InvalidSetting, match=name):
        create(environment)


def test_a_missing_model_file_is_named() -> None:
    values = Environment.current().values
    environment = Environment({**values, "LOOKALIKE_EMBEDDING_MODEL": "/nowhere/model.keras"})
    with pytest.raises(ModelUnavailable, match=r"/nowhere/model\.keras"):
        create(environment)


def test_a_blank_picture_has_a_value(embedding: Embedding) -> None:
    (value,) = embedding.extract([plain("white")])
    assert value is None or np.linalg.norm(value) == pytest.approx(1, abs=1e-6)


SERVING = """
import os, sys
from concurrent.futures import ThreadPoolExecutor
from PIL import Image, ImageOps
from features.base import Picture
from features.embedding.feature import create
from core.environment import Environment
embedding = create(Environment.current())
picture = Picture(Image.linear_gradient("L").convert("RGB"), 256, 256)
first = embedding.extract([picture] * 3)
with ThreadPoolExecutor(6) as threads:
    many = list(threads.map(lambda _: embedding.extract([picture])[0], range(30)))
assert all(value == first[0] for value in many)
if os.fork() == 0:
    os._exit(0 if embedding.extract([picture]) == first[:1] else 1)
assert os.wait()[1] == 0
loaded = {"tensorflow", "keras"} & set(sys.modules)
assert not loaded, loaded
"""


def test_serving_works_in_threads_and_forks_and_never_loads_tensorflow() -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", SERVING],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
