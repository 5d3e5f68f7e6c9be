"""The embedding: what it holds, what it asks, and how it is set up."""

import io
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.environment import Environment
from core.errors import InvalidSetting, UnknownName
from features.base import ApproximateSearch, ClauseContext, Json, Picture
from features.embedding.feature import Embedding, create
from features.errors import ModelUnavailable
from features.imaging.decode import EXIF_TURNS, decode
from features.vector import MEASURES
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
        "rotation": "hadamard, 3 rounds, seed 20",
    }
    assert "rotation" not in embedding.backbone_identity()
    identity["preprocessing"].clear()
    assert embedding.identity()["preprocessing"]


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
