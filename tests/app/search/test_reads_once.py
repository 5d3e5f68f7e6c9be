"""A search that continues another decodes its cursor once and reads the cached picture once."""

from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from flask.testing import FlaskClient

from app.search import parameter_types
from tests.support.shop import Shop
from tests.support.uploads import form


@pytest.fixture
def first_page(client: FlaskClient, shop: Shop) -> dict[str, Any]:
    """The first page of a picture search."""
    picture = shop.picture("saleor-white-plimsolls-1.png")
    answer: dict[str, Any] = client.post("/api/v1/search", **form(picture, size="3")).json
    return answer


@pytest.mark.parametrize("continued", ["cursor", "picture"])
def test_each_is_read_once(client: FlaskClient, first_page: dict[str, Any], continued: str) -> None:
    value = first_page["next_cursor" if continued == "cursor" else "picture"]
    reads: list[Path] = []
    read_text = Path.read_text

    def reading(path: Path, *args: Any, **kwargs: Any) -> str:
        if path.parent.name == "queries":
            reads.append(path)
        return read_text(path, *args, **kwargs)

    decode = parameter_types.decode_cursor
    with (
        patch.object(Path, "read_text", reading),
        patch.object(parameter_types, "decode_cursor", side_effect=decode) as decoding,
    ):
        answer = client.get(f"/api/v1/search?size=3&{continued}={value}")
    assert answer.status_code == 200, answer.text
    assert len(reads) == 1
    assert decoding.call_count == (1 if continued == "cursor" else 0)
