"""Two models in one index: searches go on through begin, switch and undo, each right in itself."""

import io
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from PIL import Image

from app.factory import create_app
from app.services import EXTENSION_KEY, Services, build_services
from app.settings import AppSettings
from app.trust.banks.entry import EntryDetails
from core.progress import SilentProgress
from core.retries import RetryPolicy
from features import registry
from features.base import Picture
from features.imaging.decode import decode
from features.imaging.thumbnails import Thumbnails
from features.registry import Registry
from indexer.backfill.page_filler import BackfillControl
from indexer.swap.backfill import Backfill
from indexer.swap.coordinator import SwapCoordinator
from mappings.catalogue import versions
from mappings.catalogue.model_swap import ModelSwap
from mappings.engine.connection import EngineSettings, connect
from tests.conftest import node_environment
from tests.support import tiny_models
from tests.support.engine import Engine
from tests.support.shop import Shop, opened

ONE, TWO = "one.tflite", "two.tflite"
SHOE = "saleor-white-plimsolls-1.png"
NOTICED_S = 10.0


def stored_part(thumbnails: Thumbnails, key: str) -> Picture:
    image = thumbnails.image(key)
    assert image is not None, "a part has a thumbnail of its own"
    return Picture(image, image.width, image.height, key)


@dataclass(frozen=True)
class Changing:
    """A loaded shop that may be given a second model, and an application that has both."""

    shop: Shop
    ours: Registry
    coming: Any

    @property
    def change(self) -> SwapCoordinator:
        settings = EngineSettings.from_env(self.shop.environment)
        desk = self.shop.environment.values["LOOKALIKE_DESK_INDEX"]
        return SwapCoordinator(
            [ModelSwap(connect(settings), n) for n in (settings.index, f"{desk}-banks")]
        )

    def begin(self) -> None:
        """Hold the second model beside the first, and fill it in from the shop's own files."""
        if any(one.version.was_in_service for one in self.change.versions()):
            self.change.undo()
        (feature,) = self.coming
        version = self.change.begin(feature, self.ours, self.coming)
        pace = BackfillControl(
            RetryPolicy(10, threading.Event(), print), SilentProgress(), threading.Event()
        )
        for index in self.change.indices:
            assert not Backfill(index, version, feature, self.read, pace).run().problems

    def read(self, documents: Any) -> dict[str, Any]:
        """Return the pictures of documents: by their files, and parts by their thumbnails."""
        paths = sorted(self.shop.pictures.iterdir())
        files = {p.sha256: p for p in (decode(path.read_bytes()) for path in paths)}
        thumbnails = Thumbnails(AppSettings.from_env(self.shop.environment).state_dir / "media")
        ids = [one["image_id"] for one in documents]
        return {key: files.get(key) or stored_part(thumbnails, key) for key in ids}

    def end(self) -> None:
        """Hold the first model alone."""
        held = self.change.versions()
        if held:
            if held[1].version.was_in_service:
                self.change.undo()
            self.change.finish()

    @contextmanager
    def services(self) -> Iterator[Services]:
        services = build_services(
            AppSettings.from_env(self.shop.environment), self.ours, self.coming
        )
        try:
            yield services
        finally:
            services.close()


@pytest.fixture(scope="module")
def changing(
    engine: Engine, shared_data: Path, tmp_path_factory: pytest.TempPathFactory, state_folder: Path
) -> Iterator[Changing]:
    one, two = tiny_models.make(tmp_path_factory.mktemp("models"))
    settings = node_environment(
        state_folder,
        LOOKALIKE_FEATURES="checksum,embedding,pdq",
        LOOKALIKE_EMBEDDING_MODEL=str(one),
        LOOKALIKE_NEXT_EMBEDDING_MODEL=str(two),
        LOOKALIKE_LOG_SEARCHES="no",
        # A busy machine is no failed search.
        LOOKALIKE_ENGINE_TIMEOUT_MS="60000",
    )
    with opened(engine, shared_data, settings) as shop:
        ours = registry.load(shop.environment)
        yield Changing(shop, ours, registry.load_next(shop.environment, ours))


@pytest.fixture
def client(changing: Changing) -> Iterator[FlaskClient]:
    with changing.services() as services:
        yield create_app(services).test_client()


def asked(client: FlaskClient, shop: Shop, **fields: str) -> Any:
    image = (io.BytesIO(shop.picture(SHOE)), "photo.png")
    answer = client.post("/api/v1/search", data={"image": image, "features": "embedding", **fields})
    assert answer.status_code == 200, answer.json
    return answer.json


def shown(answer: Any) -> list[tuple[str, float]]:
    return [(hit["id"], hit["score"]) for hit in answer["hits"]]


def noticed(client: FlaskClient, model: str) -> float:
    """Wait until searches are answered by a model; return the seconds it took."""
    began = time.monotonic()
    while client.get("/api/v1/search?product_id=saleor-128").json["model"] != model:
        assert time.monotonic() - began < NOTICED_S, f"{model} was not put in service"
        time.sleep(0.02)
    return time.monotonic() - began


def test_no_search_fails_while_models_change_and_undo_brings_every_answer_back(
    changing: Changing, client: FlaskClient
) -> None:
    changing.end()
    before = asked(client, changing.shop)
    answers: list[tuple[int, Any]] = []
    stop = threading.Event()
    searcher = threading.Thread(target=_search, args=(client.application, answers, stop))
    searcher.start()
    try:
        changing.begin()
        assert shown(asked(client, changing.shop)) == shown(before)
        changing.change.switch()
        assert noticed(client, TWO) < 5
        after = asked(client, changing.shop)
        changing.change.undo()
        assert noticed(client, ONE) < 5
        assert shown(asked(client, changing.shop)) == shown(before)
    finally:
        stop.set()
        searcher.join()
    assert (before["model"], after["model"]) == (ONE, TWO)
    assert shown(after) != shown(before)
    assert [status for status, _ in answers if status != 200] == []
    # Each is one model's answer, whole, whenever it was given.
    told = {(answer["model"], tuple(shown(answer))) for _, answer in answers}
    assert {model for model, _ in told} == {ONE, TWO}
    assert len(told) == 2


def _search(app: Any, answers: list[tuple[int, Any]], stop: threading.Event) -> None:
    client = app.test_client()
    while not stop.is_set():
        answer = client.get("/api/v1/products/saleor-128/similar?features=embedding")
        answers.append((answer.status_code, answer.json))


def test_a_query_may_name_its_model(changing: Changing, client: FlaskClient) -> None:
    changing.begin()
    noticed(client, ONE)
    ours, theirs = asked(client, changing.shop), asked(client, changing.shop, model="next")
    assert (ours["model"], theirs["model"]) == (ONE, TWO)
    assert shown(ours) != shown(theirs)
    assert shown(asked(client, changing.shop, model=TWO)) == shown(theirs)
    assert shown(asked(client, changing.shop, model="current")) == shown(ours)
    # The picture itself is found by both: like is compared with like.
    for answer in (ours, theirs):
        assert answer["hits"][0]["score"] == pytest.approx(1, abs=1e-4)


@pytest.mark.parametrize("model", ["previous", "nobody"])
def test_a_model_the_index_does_not_hold_is_refused(
    changing: Changing, client: FlaskClient, model: str
) -> None:
    changing.begin()
    noticed(client, ONE)
    answer = client.get(f"/api/v1/search?product_id=saleor-128&model={model}")
    assert (answer.status_code, answer.json["code"]) == (409, "model_mismatch")
    assert TWO in answer.json["detail"]


def test_a_server_without_the_next_model_says_so_and_goes_on_with_its_own(
    changing: Changing,
) -> None:
    changing.begin()
    services = build_services(AppSettings.from_env(changing.shop.environment), changing.ours)
    client = create_app(services).test_client()
    answer = client.get("/api/v1/search?product_id=saleor-128&model=next")
    assert (answer.status_code, answer.json["code"]) == (409, "model_mismatch")
    changing.change.switch()
    time.sleep(2.1)
    assert client.get("/api/v1/search?product_id=saleor-128").json["model"] == ONE
    changing.change.undo()
    services.close()


def test_an_earlier_picture_and_cursor_go_on_with_the_model_they_began_with(
    changing: Changing, client: FlaskClient
) -> None:
    changing.begin()
    noticed(client, ONE)
    whole = asked(client, changing.shop, size="10")
    first = asked(client, changing.shop, size="5")
    changing.change.switch()
    noticed(client, TWO)
    more = {"features": "embedding", "size": "5"}
    second = client.get(
        "/api/v1/search", query_string={**more, "cursor": first["next_cursor"]}
    ).json
    again = client.get("/api/v1/search", query_string={**more, "picture": first["picture"]}).json
    changing.change.undo()
    assert (second["model"], again["model"]) == (ONE, ONE)
    assert shown(first) + shown(second) == shown(whole)
    assert shown(again) == shown(first)


def test_what_a_forgotten_model_saw_is_no_longer_asked_with(
    changing: Changing, client: FlaskClient
) -> None:
    changing.begin()
    noticed(client, ONE)
    first = asked(client, changing.shop, size="5", model="next")
    changing.end()
    time.sleep(2.1)
    paged = client.get(f"/api/v1/search?size=5&cursor={first['next_cursor']}")
    known = client.get(f"/api/v1/search?picture={first['picture']}")
    assert (paged.status_code, paged.json["code"]) == (422, "invalid_query")
    assert (known.status_code, known.json["code"]) == (404, "photo_expired")


def test_the_trust_desk_compares_like_with_like_whichever_model_is_in_service(
    changing: Changing, client: FlaskClient
) -> None:
    models: Callable[[], Services] = client.application.extensions[EXTENSION_KEY].current
    changing.end()
    time.sleep(2.1)
    banks = models().banks
    banks.prepare()
    entry = banks.add(
        "blocked", changing.shop.picture(SHOE), EntryDetails("shown to test"), "a test"
    ).entry
    changing.begin()
    noticed(client, ONE)
    try:
        for model in (ONE, TWO):
            if model == TWO:
                changing.change.switch()
            noticed(client, model)
            copy = io.BytesIO()
            with Image.open(io.BytesIO(changing.shop.picture(SHOE))) as picture:
                picture.convert("RGBA").save(copy, "PNG", compress_level=1)
            found = models().examiner.examine_upload(decode(copy.getvalue())).findings[0]
            assert found.label == "same_photo"
            assert found.signals["embedding_distance"] == pytest.approx(0, abs=1e-3)
            (matched, *_) = models().banks.find_listings(entry)
            assert matched.label == "same_file"
            assert matched.signals["embedding_distance"] == pytest.approx(0, abs=1e-3)
    finally:
        changing.end()
        time.sleep(2.1)
        models().banks.remove(entry.id, "a test")


def test_the_models_in_use_are_told_by_one_tag(changing: Changing) -> None:
    (second,) = changing.coming
    first = versions.models_tag(changing.ours)
    assert first != versions.models_tag(changing.ours.with_feature(second))
    assert first == versions.models_tag(
        changing.ours.with_feature(changing.ours["embedding"].with_field("elsewhere"))
    )
