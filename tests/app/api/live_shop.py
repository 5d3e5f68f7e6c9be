"""A shop without products, whose systems may change it over HTTP."""

import base64
import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient
from werkzeug.datastructures import FileStorage
from werkzeug.test import TestResponse, encode_multipart

from app.factory import create_app
from app.services import Services, build_services
from app.settings import AppSettings
from bench.data.drawn_pictures import draw_picture
from core.environment import Environment
from features import registry
from indexer.commands.catalogue import open_catalogue
from ops import keys
from ops.server import Server
from tests.support.engine import Engine
from tests.support.own_index import own_index

TOKEN = "the shop's own writers"
FEATURES = "checksum,colour,embedding,pdq"
WAIT = "?refresh=wait_for"


@dataclass(frozen=True)
class LiveShop:
    """The application, and what its systems send."""

    client: FlaskClient
    services: Services
    environment: Environment

    def send(self, method: str, path: str, body: Any = None, /, **headers: str) -> TestResponse:
        """Send JSON with the writers' token; `headers` are written with `_` for `-`."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.open(
            path, method=method, json=body, headers={"Authorization": f"Bearer {TOKEN}", **sent}
        )

    def put(self, key: str, picture: bytes | None = None, query: str = WAIT, **cells: Any) -> Any:
        """Put a product with a picture as a data: URL; return the answer."""
        shown = {"image_link": data_url(picture)} if picture is not None else {}
        return self.send("PUT", f"/api/v1/products/{key}{query}", {**cells, **shown})

    def upload(
        self, key: str, *pictures: bytes, idempotency_key: str = "", **fields: str
    ) -> TestResponse:
        """Put a product as a form with files."""
        files = [FileStorage(io.BytesIO(data), "a.jpg", "image") for data in pictures]
        boundary, body = encode_multipart({**fields, "image": files})
        return self.client.put(
            f"/api/v1/products/{key}{WAIT}",
            data=body,
            content_type=f'multipart/form-data; boundary="{boundary}"',
            headers={"Authorization": f"Bearer {TOKEN}", "Idempotency-Key": idempotency_key},
        )

    def bulk(self, *lines: Any, query: str = WAIT, **headers: str) -> TestResponse:
        """Send lines: objects, or text as it is."""
        texts = [line if isinstance(line, str) else json.dumps(line) for line in lines]
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.post(
            f"/api/v1/products:bulk{query}",
            data="\n".join(texts),
            content_type="application/x-ndjson",
            headers={"Authorization": f"Bearer {TOKEN}", **sent},
        )

    def product(self, key: str) -> dict[str, Any] | None:
        """Return a product as anybody sees it; None where there is none."""
        answer = self.client.get(f"/api/v1/products/{key}")
        if answer.status_code == 404:
            return None
        assert answer.json is not None
        return dict(answer.json["product"])

    def found(self, query: str) -> list[str]:
        """Return the ids that a search finds."""
        answer = self.client.get(f"/api/v1/search?{query}")
        assert answer.json is not None, answer.text
        return [hit["id"] for hit in answer.json["hits"]]


def data_url(picture: bytes) -> str:
    """Return a picture as a data: URL."""
    return "data:image/jpeg;base64," + base64.b64encode(picture).decode()


def picture(number: int) -> bytes:
    """Return a drawn picture; each number gives another."""
    return draw_picture(number)


@contextmanager
def open_live_shop(
    engine: Engine,
    folder: Path,
    values: dict[str, str],
    permit: str = "",
    *,
    is_prepared: bool = True,
    **settings: str,
) -> Iterator[LiveShop]:
    """Give an empty shop, whose web server has the keys of its roles and no other rights.

    Pictures are also fetched from the address `permit`. Unless it `is_prepared` it has no index.
    """
    own = {**values, "LOOKALIKE_STATE_DIR": str(folder), "LOOKALIKE_FEATURES": FEATURES, **settings}
    with own_index(engine, own) as environment:
        features = registry.load(environment)
        if is_prepared:
            open_catalogue(environment, features).prepare()
        index = environment.text("LOOKALIKE_INDEX")
        admin = Server(engine.url, engine.user, engine.password)
        rights = keys.role_rights(index, index)
        roles = ("search", "writer", "desk")
        made = {role: keys.create(admin, role, rights[role]) for role in roles}
        web = Environment(
            {
                **environment.values,
                "ELASTICSEARCH_PASSWORD": "",
                "ELASTICSEARCH_API_KEY": made["search"],
                "LOOKALIKE_DESK_API_KEY": made["desk"],
                "LOOKALIKE_WRITER_API_KEY": made["writer"],
                "LOOKALIKE_WRITER_TOKEN": TOKEN,
                "LOOKALIKE_LOG_SEARCHES": "no",
                **settings,
            }
        )
        read = AppSettings.from_env(web)
        allowed = replace(read.live, permit=frozenset({permit} if permit else ()))
        services = build_services(replace(read, live=allowed), features)
        try:
            yield LiveShop(create_app(services).test_client(), services, web)
        finally:
            services.close()
