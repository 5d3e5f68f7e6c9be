"""A package of plug-ins works: its suites pass, and a search on the real server uses them."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from app.factory import create_app
from app.services import build_services
from app.settings import AppSettings
from features import registry
from features.regions import finders
from tests.support.engine import Engine
from tests.support.own_index import own_index
from tests.support.uploads import form

PRODUCTS = ("saleor-mighty-mug.png", "saleor-white-plimsolls-1.png", "saleor-white-plimsolls-2.png")
MUG = PRODUCTS[0]


@dataclass(frozen=True)
class AcmeShop:
    """A shop whose feed, features and regions come from the package, and its load's output."""

    client: FlaskClient
    pictures: Path
    output: str

    def picture(self, name: str) -> bytes:
        return (self.pictures / name).read_bytes()


def test_its_conformance_suites_pass(package: Path, site: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(package)],
        cwd=package,
        env={**os.environ, "PYTHONPATH": str(site)},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "skipped" not in ran.stdout


@pytest.fixture(scope="module")
def acme(
    engine: Engine, shared_data: Path, site: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[AcmeShop]:
    folder = tmp_path_factory.mktemp("acme-shop")
    rows = [f"{number}|Thing {number}|{name}" for number, name in enumerate(PRODUCTS)]
    (folder / "feed").write_text("\n".join(["#pipes", *rows, ""]), encoding="utf-8")
    pictures = shared_data / "saleor" / "images"
    for name in PRODUCTS:
        shutil.copy(pictures / name, folder / name)
    settings = {
        **os.environ,
        "LOOKALIKE_STATE_DIR": str(folder / "state"),
        "LOOKALIKE_FEATURES": "brightness,checksum,pdq",
        "LOOKALIKE_REGIONS": "thirds",
    }
    with own_index(engine, settings) as environment, pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(site))
        loaded = subprocess.run(
            [sys.executable, "-m", "indexer", "load", str(folder / "feed")],
            env={**environment.values, "PYTHONPATH": str(site)},
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
        )
        assert loaded.returncode == 0, loaded.stdout + loaded.stderr
        services = build_services(
            AppSettings.from_env(environment),
            registry.load(environment),
            regions=finders.load(environment),
        )
        try:
            client = create_app(services).test_client()
            yield AcmeShop(client, pictures, loaded.stdout + loaded.stderr)
        finally:
            services.close()


def test_its_reader_reads_the_feed(acme: AcmeShop) -> None:
    assert "pipes" in acme.output


def test_its_signal_counts_in_a_search(acme: AcmeShop) -> None:
    answer = acme.client.post("/api/v1/search", **form(acme.picture(MUG)))
    assert answer.status_code == 200, answer.text
    hits = answer.json["hits"]
    assert len(hits) == len(PRODUCTS)
    assert hits[0]["id"] == "0"
    assert hits[0]["signals"]["brightness"]["score"] == pytest.approx(1, abs=1e-3)
    assert hits[0]["signals"]["brightness"]["difference"] == pytest.approx(0, abs=1e-3)
    assert all(0 <= hit["signals"]["brightness"]["score"] < 0.9999 for hit in hits[1:])


def test_its_measure_and_weight_can_be_chosen(acme: AcmeShop) -> None:
    fields = {"weight": "brightness:2", "similarity": "brightness:difference"}
    answer = acme.client.post("/api/v1/search", **form(acme.picture(MUG), **fields))
    assert answer.status_code == 200, answer.text
    assert answer.json["hits"][0]["signals"]["brightness"]["score"] > 0.99


def test_its_finder_proposes_the_regions(acme: AcmeShop) -> None:
    answer = acme.client.post("/api/v1/regions", **form(acme.picture(MUG)))
    assert [region["crop"] for region in answer.json["regions"]] == [
        "0.3333,0,0.6667,1",
        "0,0,0.3333,1",
        "0.6667,0,1,1",
    ]


def test_its_distance_is_shown_beside_a_verdict_and_does_not_change_it(acme: AcmeShop) -> None:
    answer = acme.client.post("/api/v1/duplicates/check", **form(acme.picture(MUG)))
    assert answer.status_code == 200, answer.text
    found = answer.json["matches"][0]
    assert answer.json["verdict"] == found["label"] == "same_file"
    assert found["signals"]["brightness_distance"] == pytest.approx(0, abs=1e-3)
    assert "brightness_distance" not in {one["signal"] for one in found["contributions"]}
