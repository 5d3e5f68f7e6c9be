"""Each program does all its work on the real server with the keys that we make for it."""

import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from app.factory import create_app
from app.services import build_services
from app.settings import AppSettings
from core.environment import Environment
from features.registry import load
from mappings.events.ubi_mapping import EVENTS
from ops import keys
from ops.maintenance import swap_variables
from ops.server import Server
from ops.server_access import ServerAccess
from tests.conftest import node_environment
from tests.support.engine import Engine
from tests.support.own_index import own_index
from tests.support.ubi import click, stored
from tests.support.uploads import form

TOKEN = "the shop's own token"
AUTHORISED = {"Authorization": f"Bearer {TOKEN}"}


@dataclass(frozen=True)
class Site:
    """A shop of three groceries, loaded and served with keys alone."""

    client: FlaskClient
    access: ServerAccess
    folder: Path
    photo: bytes

    def run(self, variables: Mapping[str, str], *module: str) -> subprocess.CompletedProcess[str]:
        """Run one of our programs with these variables."""
        return subprocess.run(
            [sys.executable, "-m", *module],
            env=dict(variables),
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=280,
            check=False,
        )


@pytest.fixture(scope="module")
def site(
    engine: Engine, shared_data: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("site")
    values = {
        **node_environment(folder / "state").values,
        "LOOKALIKE_FEATURES": "checksum,colour,embedding,pdq,phash",
        "LOOKALIKE_SHOPPER_TOKEN": TOKEN,
    }
    with own_index(engine, values) as environment:
        admin = Server.from_env(environment)
        assert admin is not None
        index = environment.text("LOOKALIKE_INDEX")
        settings = Environment({**environment.values, "LOOKALIKE_DESK_INDEX": f"desk-{index}"})
        api_keys = keys.ensure(admin, index, f"desk-{index}", folder / "keys.json")
        access = ServerAccess.by_keys(settings, admin, api_keys)
        grocery = shared_data / "grocery"
        photo = (grocery / "queries_dev.csv").read_text().splitlines()[1].split(",")[1]
        feed = folder / "feed" / "products.jsonl"
        feed.parent.mkdir()
        (feed.parent / "iconic").symlink_to(grocery / "iconic")
        rows = (grocery / "products.jsonl").read_text(encoding="utf-8").splitlines()[:3]
        feed.write_text("\n".join(rows) + "\n", encoding="utf-8")
        web = Environment(access.search)
        services = build_services(AppSettings.from_env(web), load(web))
        client = create_app(services).test_client()
        site = Site(client, access, folder, (grocery / photo).read_bytes())
        loaded = site.run(access.indexer, "indexer", "load", str(feed))
        assert loaded.returncode == 0, loaded.stderr
        yield site
        services.close()
        for name in admin.request("GET", f"/desk-{index}*/_alias").body:
            admin.request("DELETE", f"/{name}")


def test_shopper_s_photo_is_attached_and_removed(site: Site) -> None:
    hits = site.client.get("/api/v1/search").json["hits"]  # type: ignore[index]
    path = f"/api/v1/products/{hits[0]['id']}/photos"
    sent = form(site.photo, consent="true")
    answer = site.client.post(path, headers=AUTHORISED, **sent)
    assert answer.status_code == 201, answer.text
    image_id = answer.json["image_id"]  # type: ignore[index]
    removed = site.client.delete(f"{path}/{image_id}", headers=AUTHORISED)
    assert removed.status_code == 200, removed.text


def test_web_application_answers_all_it_is_asked(site: Site) -> None:
    client = site.client
    assert client.get("/readyz").status_code == 200
    hits = client.get("/api/v1/search?facets=brand&explain=true").json["hits"]  # type: ignore[index]
    assert len(hits) == 3
    assert client.get(f"/api/v1/products/{hits[0]['id']}").status_code == 200
    assert client.get(f"/api/v1/products/{hits[0]['id']}/similar").status_code == 200
    assert client.post("/api/v1/search", **form(site.photo)).status_code == 200
    assert client.post("/api/v1/duplicates/check", **form(site.photo)).status_code == 200
    assert client.get("/").status_code == 200


def test_shoppers_events_are_stored_joined_and_written_out(site: Site, tmp_path: Path) -> None:
    found = site.client.post("/api/v1/search", **form(site.photo)).json
    assert found is not None
    key = found["hits"][0]["id"]
    event = click(key, session_id=found["query_id"], query_id=found["query_id"])
    assert site.client.post("/api/v1/events", json=event).status_code == 202
    web = Environment(site.access.search)
    mine = {"term": {"query_id": found["query_id"]}}
    # The test reads as the server's user; what is stored was stored with the events key.
    server = site.access.server
    reader = Environment(
        {**web.values, "ELASTICSEARCH_API_KEY": "", "ELASTICSEARCH_USER": server.user,
         "ELASTICSEARCH_PASSWORD": server.password}
    )  # fmt: skip
    (stored_event,) = stored(reader, EVENTS, mine, 1)
    assert stored_event["event_attributes"]["joined"] is True
    assert stored_event["user_query"].startswith("image:")
    assert site.client.get(f"/api/v1/products/{key}/related").status_code == 200
    path = tmp_path / "events.jsonl"
    export = ("flask", "--app", "app.wsgi", "events", "export", str(path))
    done = site.run(site.access.search, *export)
    assert done.returncode == 0, done.stderr
    assert found["query_id"] in path.read_text()


@pytest.mark.parametrize(
    "module",
    [
        ("flask", "--app", "app.wsgi", "duplicates", "sweep"),
        ("flask", "--app", "app.wsgi", "duplicates", "status"),
        ("flask", "--app", "app.wsgi", "reviewers", "list"),
    ],
    ids=" ".join,
)
def test_commands_of_the_trust_desk_work(site: Site, module: tuple[str, ...]) -> None:
    done = site.run(site.access.search, *module)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    "module",
    [
        ("indexer", "status"),
        ("indexer", "measure", "--queries", "2", "--merge"),
        ("indexer", "expire"),
        ("indexer", "load", "feed/products.jsonl", "--rebuild"),
    ],
    ids=" ".join,
)
def test_commands_of_the_indexer_work(site: Site, module: tuple[str, ...]) -> None:
    done = site.run(site.access.indexer, *module)
    assert done.returncode == 0, done.stderr


def test_model_swap_has_the_keys_it_needs(site: Site) -> None:
    done = site.run(swap_variables(site.access), "indexer", "swap-model", "status")
    assert done.returncode == 0, done.stderr
