"""A picture that comes again is answered from what was extracted before, and by nothing else."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from app.search.query_extractor import QueryExtractor
from app.search.repeated_pictures import picture_key
from app.search.search_parameters import SearchParameters
from tests.support.shop import Shop
from tests.support.uploads import form

SHOE, MUG = "saleor-white-plimsolls-1.png", "saleor-mighty-mug.png"


def searched(client: FlaskClient, picture: bytes, **fields: str) -> Any:
    answer = client.post("/api/v1/search", **form(picture, **fields))
    assert answer.status_code == 200, answer.text
    return answer.json


@pytest.fixture
def extractions(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is extracted and decoded from now on, a word for each."""
    done: list[str] = []
    for name in ("extract", "decode"):
        original = getattr(QueryExtractor, name)

        def counted(
            self: QueryExtractor,
            *args: Any,
            original: Any = original,
            name: str = name,
            **more: Any,
        ) -> Any:
            done.append(name)
            return original(self, *args, **more)

        monkeypatch.setattr(QueryExtractor, name, counted)
    return done


def test_same_bytes_are_decoded_and_extracted_once(
    client: FlaskClient, shop: Shop, extractions: list[str]
) -> None:
    first = searched(client, shop.picture(SHOE), size="3", accurate="true")
    assert extractions == ["decode", "extract"]
    again = searched(client, shop.picture(SHOE), size="5", accurate="true")
    assert extractions == ["decode", "extract"]
    assert [hit["id"] for hit in again["hits"][:3]] == [hit["id"] for hit in first["hits"]]
    assert again["picture"] != first["picture"], "each search has an id that nobody guesses"


def test_stored_photo_is_stored_again_under_the_new_search(
    client: FlaskClient, shop: Shop, extractions: list[str]
) -> None:
    fields = {"keep_photo": "true", "accurate": "true", "features": "embedding"}
    first = searched(client, shop.picture(SHOE), **fields)
    again = searched(client, shop.picture(SHOE), **fields)
    assert extractions.count("extract") == 1
    photos = [client.get(f"/photos/{answer['picture']}.1.jpg") for answer in (first, again)]
    assert photos[0].data == photos[1].data
    for photo in photos:
        photo.close()


@pytest.mark.parametrize(
    "other",
    [{"crop": "0,0,0.5,1"}, {"prepare": "contrast"}, {"features": "pdq"}],
    ids=["another part", "another preparation", "another feature"],
)
def test_another_question_is_extracted_anew(
    client: FlaskClient, shop: Shop, extractions: list[str], other: dict[str, str]
) -> None:
    searched(client, shop.picture(MUG))
    extractions.clear()
    searched(client, shop.picture(MUG), **other)
    assert "extract" in extractions


def test_keys_differ_where_anything_differs() -> None:
    plain = SearchParameters()
    key = picture_key(b"a", "", ["pdq"], plain, "no")
    others = [
        picture_key(b"b", "", ["pdq"], plain, "no"),
        picture_key(b"a", "0,0,1,0.5", ["pdq"], plain, "no"),
        picture_key(b"a", "", ["pdq", "phash"], plain, "no"),
        picture_key(b"a", "", ["pdq"], SearchParameters(accurate=True), "no"),
        picture_key(b"a", "", ["pdq"], plain, "yes"),
    ]
    assert len({key, *others}) == 6
    assert picture_key(b"a", "", ["pdq"], plain, "no") == key


def test_nothing_is_remembered_where_the_shop_says_so(shop: Shop) -> None:
    with shop.app(query_features_ttl_s=0.0) as app:
        client = app.test_client()
        searched(client, shop.picture(SHOE))
        assert searched(client, shop.picture(SHOE))["hits"]
