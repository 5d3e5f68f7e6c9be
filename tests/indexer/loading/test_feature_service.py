"""A load whose features a service computes: the same documents, and patience while it is away."""

import threading
from collections.abc import Sequence
from dataclasses import replace

import pytest

from bench.instruments.web_server import free_port
from core.errors import FeatureServiceUnavailable
from core.progress import SilentProgress
from features.base import Feature, Json, Picture
from features.registry import Registry
from features.remote.client import FeatureClient
from features.remote.errors import FeatureMismatch
from features.remote.feature import with_service
from features.remote.messages import Lane
from features.remote.settings import RemoteSettings
from mappings.catalogue.catalogue import Catalogue
from mappings.engine.gateway import Gateway
from tests.indexer.conftest import SETTINGS, Shop
from tests.indexer.doubles import BLUE, RED, Tone, Words
from tests.support.feature_service import served

GREY = (90, 90, 90)


def remote(feature: Feature, port: int) -> Feature:
    settings = RemoteSettings(f"http://127.0.0.1:{port}", "", ())
    return with_service(feature, FeatureClient(settings, Lane.BATCH))


class Line(SilentProgress):
    """Keeps what is said."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def say(self, line: str) -> None:
        self.lines.append(line)


@pytest.fixture
def port() -> int:
    return free_port()


def use_service(shop: Shop, gateway: Gateway, alias: str, port: int) -> None:
    """Have the shop's tones computed elsewhere."""
    shop.features = Registry([remote(shop.tone, port), Words()])
    shop.catalogue = Catalogue(gateway, shop.features, alias)


@pytest.fixture
def served_shop(shop: Shop, gateway: Gateway, alias: str, port: int) -> Shop:
    """The shop with its tones computed elsewhere."""
    use_service(shop, gateway, alias, port)
    return shop


def test_documents_are_the_same_and_a_bad_picture_is_named_alike(
    shop: Shop, gateway: Gateway, alias: str, port: int
) -> None:
    shop.write(
        {"id": "a", "images": [shop.picture("grey.png", GREY), shop.picture("red.png", RED)]},
        {"id": "b", "image": shop.picture("blue.png", BLUE)},
    )
    shop.load()
    here, rejected = shop.stored(["a", "b"]), shop.rejected("line", "id", "field", "rule")
    assert rejected == [(2, "b", "image_link", "feature_failed")]
    use_service(shop, gateway, alias, port)
    extracted = shop.tone.extracted
    with served(Registry([Tone()]), port=port):
        shop.load(rebuild=True, settings=replace(SETTINGS, rebuild_share=0))
    assert shop.tone.extracted == extracted
    there = shop.stored(["a", "b"])
    assert [picture["tone"] for picture in there["a"]["images"]] == [
        picture["tone"] for picture in here["a"]["images"]
    ]
    assert shop.rejected("line", "id", "field", "rule") == rejected


def test_a_load_waits_for_the_service_with_a_line_and_goes_on(
    served_shop: Shop, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = served_shop
    shop.write({"id": "a", "image": shop.picture("grey.png", GREY)})
    line = Line()
    monkeypatch.setattr("tests.indexer.conftest.SilentProgress", lambda: line)
    loading = threading.Thread(target=shop.load)
    loading.start()
    while not line.lines:
        loading.join(0.05)
        assert loading.is_alive()
    with served(Registry([Tone()]), port=port):
        loading.join(60)
    assert shop.stored(["a"])["a"]["images"][0]["tone"] == [90.0, 90.0, 90.0]
    assert [
        text.partition(":")[0].partition(",")[0].partition(" after")[0] for text in line.lines
    ] == [
        "paused",
        "going on",
    ]
    assert "python -m features.serve" in line.lines[0]


def test_a_load_fails_by_name_when_the_service_stays_away(served_shop: Shop) -> None:
    served_shop.write({"id": "a", "image": served_shop.picture("grey.png", GREY)})
    with pytest.raises(FeatureServiceUnavailable, match="LOOKALIKE_FEATURE_URL"):
        served_shop.load(settings=replace(SETTINGS, patience_s=0))


class NewTone(Tone):
    """A later version."""

    version = 2


def test_a_load_with_another_version_at_the_service_fails_at_once(
    served_shop: Shop, port: int
) -> None:
    served_shop.write({"id": "a", "image": served_shop.picture("grey.png", GREY)})
    with (
        served(Registry([NewTone()]), port=port),
        pytest.raises(FeatureMismatch, match='"version":2'),
    ):
        served_shop.load()


class AwayWords(Words):
    """Slow words whose service is away."""

    def extract(self, pictures: Sequence[Picture]) -> list[Json | None]:
        raise FeatureServiceUnavailable("the feature service is away")


def away() -> dict[str, Feature]:
    """Build the slow feature; run in its worker process."""
    return {"words": AwayWords()}


def test_slow_features_without_their_service_fail_the_load_and_stay_pending(shop: Shop) -> None:
    shop.write({"id": "a", "image": shop.picture("red.png", RED)})
    with pytest.raises(FeatureServiceUnavailable, match="away"):
        shop.load(settings=replace(SETTINGS, patience_s=0.5), build_deferred=away)
    assert shop.stored(["a"])["a"]["images"][0]["pending"] == ["words"]
