"""What programs send is read as a feed is; what means nothing is refused, and named."""

import json

import pytest

from features.base import Json
from indexer.live.bulk_lines import read_line
from indexer.live.change_reading import read_product, read_values
from indexer.live.change_request import ChangeRequest, ItemResult
from indexer.live.errors import ProductRefused
from mappings.catalogue.fields import PRODUCT_FIELDS

ROW = {"sku": "A-1", "title": "Cup", "image_url": "https://shop.example/a.jpg"}
SOURCE = {"connector": "mysql", "name": "shop", "db": "shop", "table": "products", "ts_ms": 17}


def read(values: Json) -> ChangeRequest:
    return read_line(json.dumps(values).encode(), PRODUCT_FIELDS)


def event(op: str, **values: Json) -> dict[str, Json]:
    return {"op": op, "before": None, "after": None, "source": SOURCE, **values}


def test_a_line_of_ours_is_read() -> None:
    line = {"op": "patch", "id": "A-1", "version": "7", "source": "erp", "product": {"stock": 3}}
    assert read(line) == ChangeRequest("patch", "A-1", {"stock": 3}, 7, "erp")
    assert read({"product": {"id": "A-2"}}).id == "A-2"


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ([1], "JSON object"),
        ({"op": "upsert", "id": "a"}, "put, patch, delete"),
        ({"op": "put"}, "names its product"),
        ({"op": "put", "id": "a", "title": "Cup"}, "goes into product"),
        ({"op": "put", "id": "a", "product": [1]}, "an object"),
        ({"op": "put", "id": "a", "version": -1}, "whole number"),
        ({"op": "put", "id": "a", "version": True}, "whole number"),
        ({"op": "put", "id": "a", "version": 2**63}, "whole number"),
        ({"op": "put", "id": "a", "source": 5}, "a text"),
        (event("t"), "c, u, r and d"),
        (event("d"), "REPLICA IDENTITY"),
        (event("c", after={"title": "Cup"}), "names no product"),
    ],
)
def test_a_line_that_says_no_change_is_told_why(line: Json, reason: str) -> None:
    with pytest.raises(ProductRefused, match=reason):
        read(line)


@pytest.mark.parametrize("text", [b"", b"{", b"\xff", b"[" * 100_000])
def test_a_line_that_is_no_json_is_told_so(text: bytes) -> None:
    with pytest.raises(ProductRefused, match="JSON"):
        read_line(text, PRODUCT_FIELDS)


def test_an_event_without_its_schema_and_in_a_cloud_event_is_the_same() -> None:
    body = event("c", after=ROW)
    change = ChangeRequest("put", "A-1", ROW, 17, "mysql.shop.shop.products")
    assert read(body) == read({"schema": {}, "payload": body}) == change
    assert read({"specversion": "1.0", "data": {"payload": body}}) == change


def test_the_log_sequence_number_is_the_version_where_there_is_one() -> None:
    postgres = {**SOURCE, "connector": "postgresql", "lsn": 24_023_128}
    assert read(event("u", after=ROW, source=postgres)).version == 24_023_128
    assert read(event("u", after=ROW, source=None)).version is None


def test_a_row_without_a_picture_column_is_a_patch_of_the_columns_that_mean_something() -> None:
    row = {"sku": "A-1", "price": 3, "currency": "EUR", "warehouse": "B7"}
    change = read(event("u", after=row))
    assert change.action == "patch"
    assert "warehouse" not in change.cells
    assert read_values(change.id, change.cells, PRODUCT_FIELDS)["price"] == 3.0


def test_a_deleted_row_is_named_by_what_it_was() -> None:
    change = read(event("d", before=ROW))
    assert (change.action, change.id, change.version) == ("delete", "A-1", 17)


def test_the_id_of_the_address_counts_and_another_one_is_refused() -> None:
    cells = {"title": "Cup", "image": "a.jpg"}
    assert read_product("A/1", cells, PRODUCT_FIELDS).id == "A/1"
    assert read_product("A-1", {**cells, "sku": "other"}, PRODUCT_FIELDS).fields["sku"] == "other"
    with pytest.raises(ProductRefused, match="use one id"):
        read_product("A-1", {**cells, "id": "A-2"}, PRODUCT_FIELDS)


def test_a_patch_sets_and_removes() -> None:
    values = read_values("a", {"price": "5 EUR", "brand": None, "gtin": ""}, PRODUCT_FIELDS)
    assert values == {"price": 5.0, "currency": "EUR", "brand": None, "gtin": None}
    assert read_values("a", {"stock": 0}, PRODUCT_FIELDS)["availability"] == "out_of_stock"


def test_a_result_is_stored_as_json() -> None:
    result = ItemResult("a", "created", tag="x", pending=("ocr",), left_out=({"field": "price"},))
    assert ItemResult.from_json(json.loads(json.dumps(result.to_json()))) == result
