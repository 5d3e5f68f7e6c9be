"""docker-compose.yml and what it runs, as far as that can be tested without Docker.

There is no Docker engine on our machines. What can be tested is: the file is sound and keeps its
promises (same version as our node, loopback only, no default secret, health checks), and the steps
of ours that it runs work on the real node.
"""

import re
import shutil
from collections.abc import Iterator
from configparser import ConfigParser
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import yaml

from core.errors import EngineRefused, EngineUnavailable, InvalidSetting
from mappings.engine.gateway import Gateway
from mappings.events.event_documents import DATASET, TEMPLATE_NAME, index_template
from ops import compose, distribution
from ops.server import Server
from tests.support.engine import Engine

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
FILE: dict[str, Any] = yaml.safe_load(TEXT)
SERVICES: dict[str, dict[str, Any]] = FILE["services"]
ONE_SHOT = {"setup", "kibana-objects", "indexer"}
LONG_RUNNING = set(SERVICES) - ONE_SHOT
SECRETS = {"ELASTIC_PASSWORD", "KIBANA_PASSWORD"}
VARIABLE = re.compile(r"(?<!\$)\$\{(\w+)(?::?([-?+])([^}]*))?\}")


def examples() -> dict[str, str]:
    lines = (ROOT / ".env.example").read_text(encoding="utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def test_images_are_of_the_local_node_s_version() -> None:
    for name in ("elasticsearch", "kibana"):
        assert SERVICES[name]["image"] == f"{name}:{distribution.VERSION}"


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_every_port_is_on_loopback(name: str) -> None:
    for port in SERVICES[name].get("ports", []):
        assert port.startswith("127.0.0.1:")


def test_every_variable_is_explained_in_the_example_and_none_is_left_over() -> None:
    assert {found[1] for found in VARIABLE.finditer(TEXT)} == set(examples())
    lines = (ROOT / ".env.example").read_text(encoding="utf-8").splitlines()
    paragraphs = "\n".join(lines).split("\n\n")[1:]
    assert all(paragraph.startswith("# ") for paragraph in paragraphs)


def test_no_secret_has_a_default() -> None:
    for found in VARIABLE.finditer(TEXT):
        if found[1] in SECRETS:
            assert found[2] == "?", f"compose must refuse an empty {found[1]}"
            assert ":?" in found[0]
    assert {name: examples()[name] for name in SECRETS} == dict.fromkeys(SECRETS, "")


def test_every_setting_passed_on_is_one_the_code_reads() -> None:
    code = "\n".join(
        path.read_text(encoding="utf-8")
        for package in ("app", "features", "indexer", "mappings", "ops")
        for path in (ROOT / package).rglob("*.py")
    )
    known = set(re.findall(r"LOOKALIKE_\w+", code))
    passed = {
        name.removesuffix("_FILE")
        for service in SERVICES.values()
        for name in service["environment"]
        if "environment" in service
        if name.startswith("LOOKALIKE_")
    }
    assert passed <= known


@pytest.mark.parametrize("name", sorted(LONG_RUNNING))
def test_every_long_running_service_has_a_health_check_and_comes_back(name: str) -> None:
    assert SERVICES[name]["healthcheck"]["test"]
    assert SERVICES[name]["restart"] == "unless-stopped"


@pytest.mark.parametrize("name", sorted(ONE_SHOT))
def test_one_shot_services_run_once(name: str) -> None:
    assert SERVICES[name]["restart"] == "no"


def test_what_depends_on_a_service_waits_until_it_is_fit_for_use() -> None:
    for service in SERVICES.values():
        for name, wanted in service.get("depends_on", {}).items():
            fit = "service_completed_successfully" if name in ONE_SHOT else "service_healthy"
            assert wanted == {"condition": fit}


def test_data_is_kept_in_named_volumes() -> None:
    mounted = {
        mount.split(":")[0]
        for service in SERVICES.values()
        for mount in service.get("volumes", [])
        if not mount.startswith("${")
    }
    assert mounted | {"feeds", "config"} == set(FILE["volumes"])


def test_the_licence_is_basic_and_security_is_on() -> None:
    settings = SERVICES["elasticsearch"]["environment"]
    assert settings["xpack.license.self_generated.type"] == "basic"
    assert settings["xpack.security.enabled"] == "true"


def test_no_service_holds_a_key_it_does_not_use() -> None:
    for name in ("app", "indexer"):
        service = SERVICES[name]
        files = [value for key, value in service["environment"].items() if key.endswith("_FILE")]
        keys = [mount for mount in service["volumes"] if mount.startswith("keys-")]
        assert keys == [f"keys-{name}:/keys/{name}:ro"]
        assert {Path(file).parent for file in files} == {Path("/keys") / name}
        assert {Path(file).name for file in files} == {
            role for role, reader in compose.KEY_READERS.items() if reader == name
        }
        assert "ELASTICSEARCH_PASSWORD" not in service["environment"]


def test_the_image_holds_every_package_and_none_of_the_test_tools() -> None:
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    config = ConfigParser()
    config.read(ROOT / "setup.cfg")
    copied = dict(re.findall(r"^COPY (\w+) (\w+)$", text, re.MULTILINE))
    packages = config["options.packages.find"]["include"].split()
    assert copied == {name: name for name in packages if "." not in name}
    tools = {
        re.split(r"[\[ <>=]", line)[0]
        for line in config["options.extras_require"]["dev"].strip().splitlines()
    }
    locked = set(re.findall(r"^(\S+?)==", (ROOT / "constraints.txt").read_text(), re.MULTILINE))
    # Models of one's own run on the first three; the others read databases.
    models, databases = {"onnxruntime", "pyyaml", "tokenizers"}, {"psycopg", "pymongo", "pymysql"}
    assert locked & tools == {*models, *databases, "sqlalchemy"}
    everything = (ROOT / "constraints-dev.txt").read_text(encoding="utf-8")
    assert tools | locked <= set(re.findall(r"^(\S+?)==", everything, re.MULTILINE))
    assert "USER lookalike" in text
    assert "HEALTHCHECK" in text


def test_nothing_secret_or_local_gets_into_the_image() -> None:
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").split()
    allowed = {line[1:] for line in lines if line.startswith("!")}
    assert lines[0] == "*"
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", (ROOT / "Dockerfile").read_text(), re.M)
    assert {name for line in copied for name in line.split()} == allowed


@pytest.fixture(scope="module")
def server(engine: Engine) -> Server:
    return Server(engine.url, engine.user, engine.password)


@pytest.fixture
def user(server: Server) -> Iterator[str]:
    name = f"lookalike-test-{uuid4().hex}"
    body = {"password": uuid4().hex, "roles": []}
    assert server.request("PUT", f"/_security/user/{name}", body).status == 200
    yield name
    server.request("DELETE", f"/_security/user/{name}")


@pytest.fixture
def folder(server: Server, tmp_path: Path) -> Iterator[Path]:
    yield tmp_path
    for file in (
        tmp_path / "app" / "search",
        tmp_path / "app" / "events",
        tmp_path / "app" / "desk",
        tmp_path / "app" / "shoppers",
        tmp_path / "indexer" / "indexer",
    ):
        key = Server(server.url, api_key=file.read_text()).request(
            "GET", "/_security/_authenticate"
        )
        identity = key.body["api_key"]["id"]
        server.request("DELETE", "/_security/api_key", {"ids": [identity]})
    shutil.rmtree(tmp_path)


def test_set_up_gives_a_user_its_password(server: Server, user: str) -> None:
    compose.set_password(server, user, "a new password")
    asked = Server(server.url, user, "a new password").request("GET", "/_security/_authenticate")
    assert asked.body["username"] == user


def test_set_up_refuses_an_empty_password(server: Server, user: str) -> None:
    with pytest.raises(InvalidSetting, match="at least 6"):
        compose.set_password(server, user, "")


def test_set_up_says_when_elasticsearch_refuses(server: Server) -> None:
    with pytest.raises(EngineRefused, match="could not be set"):
        compose.set_password(server, f"nobody-{uuid4().hex}", "long enough")


def test_set_up_writes_each_key_where_its_service_reads_it_and_keeps_it(
    server: Server, folder: Path
) -> None:
    index = f"lookalike-test-{uuid4().hex}"
    compose.write_keys(server, index, f"{index}-desk", folder)
    files = sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())
    assert files == [
        "app/desk",
        "app/events",
        "app/search",
        "app/shoppers",
        "app/writer",
        "indexer/indexer",
        "setup/keys.json",
    ]
    assert {(folder / file).stat().st_mode & 0o777 for file in files} == {0o600}
    before = [(folder / file).read_text() for file in files]
    compose.write_keys(server, index, f"{index}-desk", folder)
    assert [(folder / file).read_text() for file in files] == before


def test_the_events_key_writes_and_reads_the_search_log_and_nothing_else(
    server: Server, folder: Path
) -> None:
    name = f"lookalike-test-{uuid4().hex}"
    compose.write_keys(server, name, f"{name}-desk", folder)
    stream, identity = f"logs-{DATASET}-test", uuid4().hex
    boss = Gateway(server.url, basic_auth=(server.user, server.password))
    boss.put_template(TEMPLATE_NAME, index_template())
    events = Gateway(server.url, api_key=(folder / "app" / "events").read_text())
    event = {"@timestamp": "2026-11-21T12:00:00Z", "event": {"id": identity}}
    for _ in range(2):
        assert events.bulk_create(stream, [(identity, event)]) == {}
    ours = {"term": {"event.id": identity}}
    boss.refresh(stream)
    assert events.search(stream, {"query": ours})["hits"]["total"]["value"] == 1
    for other in (name, f"{name}-desk-cases"):
        with pytest.raises(EngineRefused):
            events.search(other, {"query": {"match_all": {}}})
    with pytest.raises(EngineUnavailable, match="unauthorized"):
        events.bulk_create(name, [(identity, event)])
    boss._client.delete_by_query(index=stream, query=ours, refresh=True)
    events.close()
    boss.close()
