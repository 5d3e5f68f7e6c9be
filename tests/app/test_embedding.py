"""Only listed sites may call the API from a page or show the shop in a frame."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from app.http.embedding import EMBED_SETTING, embed_origins
from core.environment import Environment
from core.errors import InvalidSetting
from tests.support.shop import Shop

ALLOWED, OTHER = "https://www.shop.example", "https://elsewhere.example"


@pytest.fixture(scope="module")
def embeddable(shop: Shop) -> Iterator[FlaskClient]:
    with shop.app(embed_origins=(ALLOWED,)) as app:
        yield app.test_client()


@pytest.mark.parametrize(("origin", "shown"), [(ALLOWED, ALLOWED), (OTHER, None)])
def test_answers_of_the_api_are_shown_to_listed_sites(
    embeddable: FlaskClient, origin: str, shown: str | None
) -> None:
    answer = embeddable.get("/api/v1/search?size=1", headers={"Origin": origin})
    assert answer.status_code == 200
    assert answer.headers.get("Access-Control-Allow-Origin") == shown
    assert "Origin" in answer.headers["Vary"]
    assert "Access-Control-Allow-Credentials" not in answer.headers


def test_browser_that_asks_first_is_told_what_it_may_send(embeddable: FlaskClient) -> None:
    asked = {"Origin": ALLOWED, "Access-Control-Request-Method": "POST"}
    answer = embeddable.options("/api/v1/search", headers=asked)
    assert answer.headers["Access-Control-Allow-Origin"] == ALLOWED
    assert "POST" in answer.headers["Access-Control-Allow-Methods"]
    assert "Content-Type" in answer.headers["Access-Control-Allow-Headers"]


@pytest.mark.parametrize(
    ("path", "ancestors"),
    [
        ("/", f"frame-ancestors {ALLOWED}"),
        ("/search", f"frame-ancestors {ALLOWED}"),
        ("/trust/sign-in", "frame-ancestors 'none'"),
    ],
)
def test_listed_sites_frame_the_shop_and_never_the_desk(
    embeddable: FlaskClient, path: str, ancestors: str
) -> None:
    assert ancestors in embeddable.get(path).headers["Content-Security-Policy"]


def test_without_a_list_nobody_else_may(client: FlaskClient) -> None:
    answer = client.get("/api/v1/search?size=1", headers={"Origin": ALLOWED})
    assert "Access-Control-Allow-Origin" not in answer.headers
    assert "frame-ancestors 'none'" in client.get("/").headers["Content-Security-Policy"]


def test_a_site_is_told_whether_it_may_and_what_to_do(embeddable: FlaskClient) -> None:
    refused = embeddable.get("/embed/access", headers={"Origin": OTHER})
    assert refused.headers["Access-Control-Allow-Origin"] == "*"
    assert refused.json is not None
    assert refused.json["allowed"] is False
    assert OTHER in refused.json["detail"]
    assert EMBED_SETTING in refused.json["detail"]
    welcome = embeddable.get("/embed/access", headers={"Origin": ALLOWED}).json
    assert welcome == {"origin": ALLOWED, "allowed": True, "detail": ""}


@pytest.mark.parametrize("path", ["/static/embed/lookalike-search.js", "/static/embed/upload.js"])
def test_every_site_may_load_the_scripts(client: FlaskClient, path: str) -> None:
    answer = client.get(path, headers={"Origin": OTHER}, buffered=True)
    assert answer.status_code == 200
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


def test_origins_are_read_from_the_setting() -> None:
    environment = Environment({EMBED_SETTING: f"{ALLOWED}/, http://localhost:3000"})
    assert embed_origins(environment) == (ALLOWED, "http://localhost:3000")


@pytest.mark.parametrize("text", ["*", "shop.example", "https://shop.example/path", "https://a b"])
def test_what_is_no_origin_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(InvalidSetting, match=r"https://www\.shop\.example"):
        embed_origins(Environment({EMBED_SETTING: text}))


def test_manifest_lets_a_phone_share_pictures_into_the_search(
    client: FlaskClient, shop: Shop
) -> None:
    answer = client.get("/manifest.webmanifest?lang=ja")
    assert answer.mimetype == "application/manifest+json"
    manifest = answer.json
    assert manifest is not None
    assert manifest["lang"] == "ja"
    target = manifest["share_target"]
    assert (target["method"], target["enctype"]) == ("POST", "multipart/form-data")
    picture = Path("saleor-white-plimsolls-1.png")
    (field,) = target["params"]["files"]
    data = {field["name"]: (shop.pictures / picture).open("rb")}
    with data[field["name"]]:
        shared = client.post(target["action"], data=data, buffered=True)
    assert shared.status_code == 200
    assert "White Plimsolls" in shared.text
    assert 'rel="manifest"' in shared.text
