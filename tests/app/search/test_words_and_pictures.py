"""Words that find what pictures show, through HTTP, on a real index with a dual encoder."""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.factory import create_app
from app.services import build_services
from core.environment import Environment
from features.registry import load
from tests.conftest import node_environment
from tests.support import dual_encoder
from tests.support.changed_settings import changed_settings
from tests.support.engine import Engine
from tests.support.own_index import own_index
from tests.support.uploads import form

# The titles say nothing of what is seen, but for one that lies about it.
PRODUCTS = {
    "apple": ("Delicious", "grocery-003_Red-Delicious.jpg"),
    "smith": ("Smith", "grocery-001_Granny-Smith.jpg"),
    "orange": ("Citrus, sweeter than a red one", "grocery-016_Orange.jpg"),
    "cream": ("Arla", "grocery-047_Arla-Sour-Cream.jpg"),
}


@pytest.fixture(scope="module")
def fruit(
    engine: Engine,
    shared_data: Path,
    state_folder: Path,
    tiny_clip: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Environment]:
    """Four products in an index of their own, loaded by the program's own indexer."""
    folder = tmp_path_factory.mktemp("fruit")
    rows = []
    for key, (title, picture) in PRODUCTS.items():
        shutil.copy(shared_data / "grocery" / "iconic" / picture, folder / f"{key}.jpg")
        rows.append({"id": key, "title": title, "image_link": f"{key}.jpg", "brand": "Orchard"})
    feed = folder / "feed.jsonl"
    feed.write_text("\n".join(map(json.dumps, rows)))
    values = {
        **node_environment(state_folder).values,
        "LOOKALIKE_STATE_DIR": str(folder / "state"),
        "LOOKALIKE_FEATURES": "embedding,clip,checksum",
        "LOOKALIKE_CLIP_MODEL": str(tiny_clip),
    }
    command = [sys.executable, "-m", "indexer", "load", str(feed)]
    with own_index(engine, values) as settings:
        subprocess.run(command, env=dict(settings.values), check=True, timeout=120)
        yield settings


@contextmanager
def served(environment: Environment, **changes: object) -> Iterator[FlaskClient]:
    """Give a client of the application, with some settings changed."""
    settings = changed_settings(environment, log_searches=False, **changes)
    services = build_services(settings, load(environment))
    try:
        yield create_app(services).test_client()
    finally:
        services.close()


@pytest.fixture(scope="module")
def client(fruit: Environment) -> Iterator[FlaskClient]:
    with served(fruit) as client:
        yield client


@pytest.fixture(scope="module")
def green(shared_data: Path) -> bytes:
    """A picture to search with: the green apple of the catalogue."""
    return (shared_data / "grocery" / "iconic" / PRODUCTS["smith"][1]).read_bytes()


def search(client: FlaskClient, *pictures: bytes, **fields: Any) -> Any:
    answer = client.post("/api/v1/search", **form(*pictures, **fields))
    assert answer.status_code == 200, answer.text
    return answer.json


def ids(answer: Any) -> list[str]:
    return [hit["id"] for hit in answer["hits"]]


@pytest.mark.parametrize(
    ("words", "product"), [("green", "smith"), ("orange", "orange"), ("blue", "cream")]
)
def test_words_alone_find_what_a_picture_shows(
    client: FlaskClient, words: str, product: str
) -> None:
    answer = search(client, q=words, features=["clip"])
    first = answer["hits"][0]
    assert first["id"] == product
    assert answer["plan"] == "exact"
    assert answer["total"] == len(PRODUCTS)
    assert first["signals"]["clip"]["cosine"] > 0.5
    assert first["image"].startswith("/images/")


def test_what_is_seen_and_what_is_written_are_weighed(client: FlaskClient) -> None:
    written = search(client, q="red", weight=["clip:0.1", "text:10"])
    seen = search(client, q="red", weight=["clip:10", "text:0.1"])
    assert ids(written)[0] == "orange"
    assert ids(seen)[0] == "apple"


def test_a_picture_and_words_share_the_say_by_weight(client: FlaskClient, green: bytes) -> None:
    asked = {"q": "red", "features": ["embedding", "clip"]}
    by_picture = ids(search(client, green, **asked, weight=["text:0", "words:0.1"]))
    by_words = ids(search(client, green, **asked, weight=["text:0", "words:20"]))
    assert by_picture[0] == "smith"
    assert by_words[0] == "apple"


def test_words_without_weight_say_nothing(client: FlaskClient, green: bytes) -> None:
    silent = search(client, green, q="red", weight="words:0")
    alone = search(client, green)
    assert [hit["score"] for hit in silent["hits"]] == [hit["score"] for hit in alone["hits"]]


def test_words_found_are_badged_and_what_is_merely_near_is_not(client: FlaskClient) -> None:
    badges = {hit["id"]: hit["badge"] for hit in search(client, q="red")["hits"]}
    assert badges == dict.fromkeys(PRODUCTS, "looks_alike") | {"orange": "text"}


def test_a_picture_that_nothing_resembles_is_a_guess_in_spite_of_the_encoder(
    client: FlaskClient, shared_data: Path
) -> None:
    shoe = shared_data / "saleor" / "images" / "saleor-white-plimsolls-1.png"
    assert search(client, shoe.read_bytes())["low_confidence"]


def test_facets_count_all_that_words_rank(client: FlaskClient) -> None:
    answer = search(client, q="red", facets=["brand"])
    assert answer["facets"]["brand"] == [{"value": "Orchard", "count": len(PRODUCTS)}]


def test_a_duplicate_check_is_none_the_wiser(client: FlaskClient, green: bytes) -> None:
    answer = client.post("/api/v1/duplicates/check", **form(green))
    assert answer.status_code == 200
    assert answer.json["verdict"] == "same_file"
    assert answer.json["matches"][0]["id"] == "smith"


def test_another_model_is_refused_before_anything_is_asked(
    fruit: Environment, tmp_path: Path
) -> None:
    other = dual_encoder.write(tmp_path / "other", scale=3)
    with served(Environment({**fruit.values, "LOOKALIKE_CLIP_MODEL": str(other)})) as client:
        answer = client.get("/api/v1/search?q=red")
    assert (answer.status_code, answer.json["code"]) == (409, "model_mismatch")
    assert "clip" in answer.json["detail"]


def test_words_weigh_less_beside_a_picture_unless_the_search_says_how_much(
    client: FlaskClient, green: bytes
) -> None:
    weights = {
        name: search(client, green, q="red", explain="true", **({"weight": named} if named else {}))
        for name, named in (("fitted", ""), ("same", "words:0.35"), ("full", "words:1"))
    }
    scores = {name: [hit["score"] for hit in answer["hits"]] for name, answer in weights.items()}
    assert scores["fitted"] == scores["same"]
    assert scores["fitted"] != scores["full"]
