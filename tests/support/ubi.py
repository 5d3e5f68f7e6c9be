"""Events of shoppers for tests, the streams they end in, and UBI's schemas."""

import json
import time
from datetime import UTC, datetime
from pathlib import Path

from jsonschema import Draft202012Validator

from core.environment import Environment
from core.errors import IndexMissing
from features.base import Json
from mappings.engine.connection import EngineSettings, connect

SCHEMAS = Path(__file__).with_name("ubi_schemas")


def now() -> str:
    return datetime.now(UTC).isoformat()


def click(product: str, **more: Json) -> Json:
    """Return a click on the first product of a list."""
    attributes = {"object": {"object_id": product}, "position": {"ordinal": 1}}
    return {
        "action_name": "click",
        "timestamp": now(),
        **more,
        "event_attributes": {**attributes, **more.get("event_attributes", {})},
    }


def stored(
    environment: Environment,
    stream: str,
    query: Json,
    number: int,
    seconds: float = 30.0,
) -> list[Json]:
    """Return what a stream holds, once there are `number`; fail when that never comes."""
    gateway = connect(EngineSettings.from_env(environment))
    until = time.monotonic() + seconds
    found: list[Json] = []
    try:
        while time.monotonic() < until:
            try:
                gateway.refresh(stream)
                body = {"query": query, "size": 1000, "sort": "@timestamp"}
                hits = gateway.search(stream, body)["hits"]["hits"]
            except IndexMissing:
                continue
            found = [hit["_source"] for hit in hits]
            if len(found) >= number:
                return found
    finally:
        gateway.close()
    raise AssertionError(f"{stream} holds {len(found)}: {found[:3]}")


def faults_of(kind: str, document: Json) -> list[str]:
    """Return where a document breaks UBI's schema of an `event` or a `query`."""
    schema = json.loads((SCHEMAS / f"{kind}.schema.json").read_text(encoding="utf-8"))
    checker = Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)
    return [error.message for error in checker.iter_errors(document)]
