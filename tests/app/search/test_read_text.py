"""The text in a shopper's photo is searched with: at once, later, in parts, or not at all."""

import io
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from flask.testing import FlaskClient
from PIL import Image

from app.factory import create_app
from app.services import build_services
from app.settings import AppSettings
from features.base import ClauseContext, Json, Picture
from features.registry import Registry
from mappings.catalogue.catalogue import Catalogue
from mappings.engine.connection import connect
from tests.conftest import node_environment
from tests.support.engine import Engine
from tests.support.own_index import own_index
from tests.support.plain_features import Arrow
from tests.support.uploads import form

TEXTS = {"red": "BOHEMAN Tea\nfine", "blue": "nothing known", "white": ""}


class PlateReader:
    """Reads red and blue pictures; it takes a plate for text only where it is not white."""

    name = "ocr"
    version = 1
    default_weight = 0.5
    proposes_candidates = False
    is_lexical = True

    def mapping(self) -> Json:
        return {"properties": {"text": {"type": "text"}}}

    def is_worthwhile(self, picture: Picture) -> bool:
        return picture.pixels.getpixel((0, 0)) != (255, 255, 255)

    def extract(self, pictures: Sequence[Picture]) -> list[Json | None]:
        return [{"text": text} if (text := self._text(one)) else None for one in pictures]

    def _text(self, picture: Picture) -> str:
        red, _, blue = picture.pixels.getpixel((0, 0))  # type: ignore[misc]
        return TEXTS["white" if red == blue else "red" if red > blue else "blue"]

    def read_text(self, picture: Picture) -> str:
        return self._text(picture)

    def query_from_text(self, text: str) -> Json | None:
        return {"text": text}

    def clause(self, value: Json, context: ClauseContext) -> Json:
        return {"match": {f"{context.field}.text": value["text"]}}


def picture(colour: str) -> bytes:
    file = io.BytesIO()
    plate = Image.new("RGB", (64, 64), colour)
    plate.paste("black", (24, 24, 40, 40))  # a picture of nothing is not searched with
    plate.save(file, "PNG")
    return file.getvalue()


def product(key: str, title: str, text: str = "") -> Json:
    image: Json = {"image_id": "0" * 64, "source": "catalogue", "arrow": [1.0, 0.0]}
    return {
        "id": key,
        "title": title,
        "images": [image | ({"ocr": {"text": text}} if text else {})],
    }


@pytest.fixture(scope="module")
def client(
    engine: Engine, state_folder: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[FlaskClient]:
    state = str(tmp_path_factory.mktemp("read-text"))
    values = {**node_environment(state_folder).values, "LOOKALIKE_STATE_DIR": state}
    registry = Registry([Arrow(), PlateReader()])
    with own_index(engine, values) as environment:
        settings = AppSettings.from_env(environment)
        catalogue = Catalogue(connect(settings.engine), registry, settings.engine.index)
        catalogue.prepare()
        catalogue.write(
            [
                product("a", "Coffee of Peru"),
                product("b", "Boheman black tea"),
                product("c", "Green leaves", text="bohemam tea"),
                product("d", "Sugar"),
            ],
            refresh=True,
        )
        services = build_services(settings, registry)
        try:
            yield create_app(services).test_client()
        finally:
            services.close()


def search(client: FlaskClient, colour: str, **fields: str | Sequence[str]) -> Any:
    answer = client.post("/api/v1/search", **form(picture(colour), name="a.png", **fields))
    assert answer.status_code == 200, answer.json
    return answer.json


def ids(answer: Any) -> list[str]:
    return [hit["id"] for hit in answer["hits"]]


def test_products_that_may_show_the_same_text_come_first(client: FlaskClient) -> None:
    answer = search(client, "red")
    assert answer["read_text"] == ["BOHEMAN Tea", "fine"]
    assert ids(answer)[:2] == ["b", "c"]
    assert set(ids(answer)[2:]) == {"a", "d"}
    first = answer["hits"][0]
    assert 0 < first["signals"]["read_text"]["score"] < 1
    assert sum(signal["share"] for signal in first["signals"].values()) == pytest.approx(
        1, abs=1e-3
    )


def test_text_can_be_left_unread(client: FlaskClient) -> None:
    answer = search(client, "red", read_text="no")
    assert answer["read_text"] == []
    assert [hit["score"] for hit in answer["hits"]] == [1.0] * 4


def test_weight_of_zero_leaves_it_unread(client: FlaskClient) -> None:
    assert search(client, "red", weight="read_text:0")["read_text"] == []


def test_a_word_can_be_taken_off(client: FlaskClient) -> None:
    answer = search(client, "red", ignore_text=["boheman", "TEA"])
    assert answer["read_text"] == ["fine"]
    assert all("read_text" not in hit["signals"] for hit in answer["hits"])


@pytest.mark.parametrize("colour", ["blue", "white"])
def test_text_that_no_product_shows_changes_nothing(client: FlaskClient, colour: str) -> None:
    answer = search(client, colour)
    assert len(ids(answer)) == 4
    assert all("read_text" not in hit["signals"] for hit in answer["hits"])


def test_an_earlier_search_keeps_its_text(client: FlaskClient) -> None:
    earlier = search(client, "red")
    answer = client.get("/api/v1/search", query_string={"picture": earlier["picture"]}).json
    assert answer is not None
    assert answer["read_text"] == earlier["read_text"]
    assert ids(answer) == ids(earlier)


def test_pages_of_one_search_agree(client: FlaskClient) -> None:
    first = search(client, "red", size="2")
    following = client.get(
        "/api/v1/search",
        query_string={"size": "2", "cursor": first["next_cursor"]},
    ).json
    assert following is not None
    assert {*ids(first), *ids(following)} == {"a", "b", "c", "d"}


def test_page_comes_at_once_and_shows_the_text_when_it_is_read(client: FlaskClient) -> None:
    arrived = client.post("/search", **form(picture("red"), name="a.png"))
    page = arrived.get_data(as_text=True)
    assert "Read on your photo" not in page
    address = page.partition('data-text="')[2].partition('"')[0]
    read = client.get(address).json
    assert read == {"text": TEXTS["red"]}
    key = address.split("/")[2]
    refined = client.get("/search", query_string={"picture": key}).get_data(as_text=True)
    assert "Read on your photo" in refined
    assert "ignore_text=boheman" in refined
    assert "ignore_text=fine" not in refined  # no product found has it


def test_text_of_an_unknown_search_is_not_found(client: FlaskClient) -> None:
    assert client.get(f"/pictures/{'x' * 22}/text").status_code == 404


def test_unknown_choice_is_refused_by_name(client: FlaskClient) -> None:
    answer = client.post("/api/v1/search", **form(picture("red"), read_text="perhaps"))
    assert answer.status_code == 422
    assert "read_text" in answer.get_data(as_text=True)
