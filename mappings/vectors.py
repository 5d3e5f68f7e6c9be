"""Float vectors as they travel and are kept: base64 of big-endian float32, half of JSON's size."""

import base64
from collections.abc import Callable

import numpy as np
from elasticsearch.helpers import pack_dense_vector
from numpy.typing import NDArray

from features.base import Json
from mappings import products


class Vectors:
    """Packs and unpacks the float vectors of picture documents, wherever features keep them."""

    def __init__(self, fields: Json) -> None:
        """`fields` are the mapped properties of a picture's document."""
        self._paths = tuple(products.float_vectors(fields))

    def packed(self, picture: Json) -> Json:
        """Return a copy of a picture document with its vectors packed; packed ones stay."""
        return self._changed(picture, lambda v: v if isinstance(v, str) else pack_dense_vector(v))

    def unpacked(self, picture: Json) -> Json:
        """Return a copy with its vectors as arrays of float32, which are quick to compare."""
        return self._changed(picture, lambda v: _floats(v) if isinstance(v, str) else _array(v))

    def _changed(self, picture: Json, change: Callable[[Json], Json]) -> Json:
        copy = dict(picture)
        for path in self._paths:
            _replace(copy, path, change)
        return copy


def _floats(packed: str) -> NDArray[np.float32]:
    return np.frombuffer(base64.b64decode(packed), ">f4").astype(np.float32)


def _array(floats: Json) -> NDArray[np.float32]:
    return np.asarray(floats, np.float32)


def _replace(value: Json, path: tuple[str, ...], change: Callable[[Json], Json]) -> None:
    """Replace the vector at `path` inside `value`; copies what it changes on the way."""
    head, *rest = path
    if head not in value:
        return
    if rest:
        value[head] = dict(value[head])
        _replace(value[head], tuple(rest), change)
    else:
        value[head] = change(value[head])
