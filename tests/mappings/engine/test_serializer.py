"""Answers are read as JSON is, and requests take whatever text there is."""

import pytest
from elasticsearch import JsonSerializer, SerializationError

from mappings.engine.serializer import FastJsonSerializer


def test_an_answer_is_read_as_the_standard_library_would() -> None:
    answer = (
        b'{"hits": [{"v": [0.1, -3e-8, 12345678901234567890], "t": "\\u00e9 \xc3\xa9"}], "n": null}'
    )
    assert FastJsonSerializer().loads(answer) == JsonSerializer().loads(answer)


@pytest.mark.parametrize("broken", [b'{"hits": [', b"<html>", b"\xff"])
def test_what_is_no_json_is_a_serialization_error(broken: bytes) -> None:
    with pytest.raises(SerializationError):
        FastJsonSerializer().loads(broken)


def test_half_a_surrogate_pair_can_be_asked_for() -> None:
    words = {"query": "half \ud83d a face"}
    assert FastJsonSerializer().dumps(words) == JsonSerializer().dumps(words)
