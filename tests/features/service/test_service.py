"""A client of the feature service gets what it would have computed itself, or a clear error."""

import json
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.error import HTTPError, URLError

import pytest

from core.environment import Environment
from core.errors import Busy, FeatureServiceUnavailable, InvalidSetting
from features import registry
from features.base import Feature, Json, Picture
from features.capabilities import CAPABILITIES, QueryPhotoAware
from features.fingerprint import fingerprint
from features.registry import Registry
from features.remote.client import FeatureClient
from features.remote.errors import FeatureFailed, FeatureMismatch
from features.remote.feature import with_service
from features.remote.messages import Lane
from features.remote.settings import RemoteSettings
from features.service.settings import ServiceSettings
from ops.ports import LOOPBACK
from tests.support.feature_service import served
from tests.support.pictures import clothing, plain
from tests.support.plain_features import Arrow, Stamp

KEY = "a key of the tests' own"
REMOTE = "embedding,pdq,phash,colour,checksum"


def free_port() -> int:
    from bench.instruments.web_server import free_port

    return free_port()


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """Run the service as an operator does."""
    port = free_port()
    settings = {
        "LOOKALIKE_FEATURE_PORT": str(port),
        "LOOKALIKE_FEATURE_KEY": KEY,
        "LOOKALIKE_FEATURES": REMOTE,
        # A service never asks another.
        "LOOKALIKE_FEATURE_URL": "http://127.0.0.1:1",
    }
    environment = {**Environment.current().values, **settings}
    process = subprocess.Popen([sys.executable, "-m", "features.serve"], env=environment)
    site = f"http://{LOOPBACK}:{port}"
    try:
        wait_for(f"{site}/health")
        yield site
    finally:
        process.terminate()
        process.wait(30)


def wait_for(url: str) -> None:
    until = time.monotonic() + 120
    while True:
        try:
            get(url)
        except URLError:
            assert time.monotonic() < until, f"{url} does not answer"
            time.sleep(0.1)
        else:
            return


def get(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=5) as answer:
        return bytes(answer.read())


def client_settings(address: str, **more: str) -> Environment:
    return Environment(
        {
            **Environment.current().values,
            "LOOKALIKE_FEATURES": REMOTE,
            "LOOKALIKE_FEATURE_URL": address,
            "LOOKALIKE_FEATURE_KEY": KEY,
            "LOOKALIKE_FEATURE_REMOTE": REMOTE,
            **more,
        }
    )


@pytest.fixture(scope="module")
def local() -> Registry:
    return registry.load(
        Environment({**Environment.current().values, "LOOKALIKE_FEATURES": REMOTE})
    )


@pytest.fixture(scope="module", params=list(Lane))
def remote(address: str, request: pytest.FixtureRequest) -> Registry:
    return registry.load(client_settings(address), request.param)


@pytest.mark.parametrize("name", REMOTE.split(","))
def test_values_are_those_computed_here_to_the_byte(
    name: str, remote: Registry, local: Registry, shared_data: Path
) -> None:
    pictures = [*clothing(shared_data, 12), plain("white"), plain("grey", (3, 900))]
    here, there = local[name], remote[name]
    assert type(there) is not type(here)
    assert there.extract([]) == []
    assert json.dumps(there.extract(pictures)) == json.dumps(here.extract(pictures))
    for method in ("extract_query", "extract_stored_photo"):
        if hasattr(here, method):
            values = getattr(there, method)(pictures)
            assert json.dumps(values) == json.dumps(getattr(here, method)(pictures))
    if isinstance(here, QueryPhotoAware):
        assert isinstance(there, QueryPhotoAware)
        photo = pictures[:2]
        assert there.extract_photo(photo, accurate=True) == here.extract_photo(photo, accurate=True)
        assert there.extract_photo(photo) == here.extract_photo(photo)


def test_a_feature_keeps_its_abilities_and_its_identity(remote: Registry, local: Registry) -> None:
    for name, here in local.items():
        there = remote[name]
        assert [isinstance(there, kind) for kind in CAPABILITIES] == [
            isinstance(here, kind) for kind in CAPABILITIES
        ]
        assert fingerprint(there) == fingerprint(here)
        assert there.mapping() == here.mapping()


def test_only_features_with_a_model_are_computed_there_unless_named(address: str) -> None:
    usual = registry.load(client_settings(address, LOOKALIKE_FEATURE_REMOTE=""))
    assert [name for name, one in usual.items() if type(one).__name__.startswith("Remote")] == [
        "embedding"
    ]


def test_a_moved_feature_still_asks_the_service(remote: Registry, local: Registry) -> None:
    moved = remote["embedding"].with_field("embedding_2")  # type: ignore[attr-defined]
    picture = plain("teal")
    assert moved.field == "embedding_2"
    assert moved.extract([picture]) == local["embedding"].extract([picture])
    assert type(moved).__name__ == "RemoteEmbedding"


def test_another_model_is_refused_with_what_to_do(address: str) -> None:
    differing = registry.load(client_settings(address, LOOKALIKE_EMBEDDING_VIEWS="5"))
    with pytest.raises(FeatureMismatch, match="LOOKALIKE_EMBEDDING_") as refusal:
        differing["embedding"].extract([plain("red")])
    assert '"views":5' in str(refusal.value)


def test_a_wrong_key_is_refused_with_what_to_do(address: str) -> None:
    wrong = registry.load(
        client_settings(address, LOOKALIKE_FEATURE_KEY="some other key that fits")
    )
    with pytest.raises(InvalidSetting, match="LOOKALIKE_FEATURE_KEY"):
        wrong["embedding"].extract([plain("red")])


def test_health_names_the_models_and_metrics_count_calls(address: str, remote: Registry) -> None:
    remote["pdq"].extract([plain("red"), plain("blue")])
    health = json.loads(get(f"{address}/health"))
    assert health["status"] == "ready"
    assert health["features"]["embedding"] == fingerprint(remote["embedding"])
    metrics = get(f"{address}/metrics").decode()
    assert 'lookalike_feature_calls_total{feature="pdq",lane="' in metrics
    assert 'lookalike_feature_seconds_bucket{lane="' in metrics
    assert 'lookalike_feature_calls_held{lane="realtime"} 0.0' in metrics


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/v1/extract/batch", b"", 400),
        ("/v1/extract/batch", b"\x00\x00\x00\x02[]", 400),
        ("/v1/extract/soon", b"", 404),
        ("/", None, 404),
        ("/v1/extract/batch", None, 405),
    ],
)
def test_what_is_no_call_is_answered_with_a_problem(
    address: str, path: str, body: bytes | None, status: int
) -> None:
    request = urllib.request.Request(address + path, body, {"Authorization": f"Bearer {KEY}"})
    with pytest.raises(HTTPError) as refusal:
        urllib.request.urlopen(request, timeout=5)
    with refusal.value as answer:
        assert answer.code == status
        assert json.loads(answer.read())["detail"]


def test_a_service_that_is_away_is_named_with_what_to_do() -> None:
    away = remote_arrow(f"http://{LOOPBACK}:{free_port()}", Lane.REALTIME)
    with pytest.raises(FeatureServiceUnavailable, match=r"python -m features\.serve"):
        away.extract([plain("red")])


def remote_arrow(address: str, lane: Lane, feature: Feature | None = None) -> Feature:
    return with_service(feature or Arrow(), FeatureClient(RemoteSettings(address, "", ()), lane))


class Patient(Arrow):
    """Takes a moment for each picture, and stumbles over small ones."""

    def extract(self, pictures: Sequence[Picture]) -> list[Json | None]:
        time.sleep(0.3 * len(pictures))
        if any(picture.width == 1 for picture in pictures):
            raise ZeroDivisionError("one pixel")
        return super().extract(pictures)


def test_a_full_lane_refuses_real_time_calls_and_makes_batches_wait() -> None:
    from concurrent.futures import ThreadPoolExecutor

    settings = ServiceSettings(realtime_queue=1, batch_queue=1)
    with served(Registry([Patient()]), settings) as address, ThreadPoolExecutor(4) as threads:
        for lane in Lane:
            arrow = remote_arrow(address, lane)
            results = [threads.submit(arrow.extract, [plain("red")]) for _ in range(3)]
            refused = [one for one in results if isinstance(one.exception(20), Busy)]
            answered = [one.result(20) for one in results if one not in refused]
            assert answered[0] == [[1.0, 0.0]]
            assert bool(refused) == (lane is Lane.REALTIME)
            if refused:
                error = refused[0].exception()
                assert isinstance(error, Busy)
                assert error.retry_after_s == 1


def test_a_failure_of_the_feature_is_no_outage() -> None:
    with served(Registry([Patient()])) as address:
        arrow = remote_arrow(address, Lane.BATCH)
        with pytest.raises(FeatureFailed, match="ZeroDivisionError: one pixel"):
            arrow.extract([plain("red"), plain("red", (1, 1))])
        assert arrow.extract([plain("red")]) == [[1.0, 0.0]]


def test_a_feature_that_the_service_lacks_is_named() -> None:
    with served(Registry([Arrow()])) as address:
        stamp = remote_arrow(address, Lane.BATCH, Stamp())
        with pytest.raises(FeatureMismatch, match="unknown feature 'stamp'; known: arrow"):
            stamp.extract([plain("red")])


def test_many_pictures_go_in_several_requests() -> None:
    with served(Registry([Arrow()])) as address:
        arrow = remote_arrow(address, Lane.BATCH)
        assert len(arrow.extract([plain("red", (9, 9))] * 150)) == 150
        calls = get(f"{address}/metrics").decode()
    assert 'lookalike_feature_calls_total{feature="arrow",lane="batch",status="200"} 3.0' in calls


def test_an_address_must_be_one_of_the_web() -> None:
    with pytest.raises(InvalidSetting, match="LOOKALIKE_FEATURE_URL"):
        registry.load(Environment({"LOOKALIKE_FEATURES": "pdq", "LOOKALIKE_FEATURE_URL": "gpu:8"}))
