"""What becomes of a backbone's vector before it is kept or asked.

Phone photos of groceries and shop pictures of the same groceries lie in two clouds; taking from
each its own mean puts one over the other (domain centring). A projection learned from labels then
keeps the directions that tell products apart. At last pictures may be levelled.
"""

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.atomic_file import write
from features.base import Json
from features.embedding import hubness
from features.errors import ModelUnavailable

Array = NDArray[np.float32]

FORMAT = 1
MIN_LENGTH = 1e-6
"""Below it, what is left of a vector of length one is float32's rounding."""

REQUIRED_MEMBERS = frozenset({"format", "catalogue_mean", "query_mean", "backbone", "facts"})
OPTIONAL_MEMBERS = frozenset({"projection", "crowd"})


@dataclass(frozen=True)
class Head:
    """Centre, project, bring to length one, and level.

    `catalogue_mean` is (d,), zeros where nothing was learned; `query_mean` is that of shoppers'
    photos, equal to the other where they are unknown. `projection` is (d, k), or None for centring
    alone. `crowd` is (n, k), photos as they come out before levelling; None does not level.
    `backbone` is the identity of the model it was made for, and `facts` what it was made of
    (counts, loss, split, held-out figures); both are JSON objects.
    """

    catalogue_mean: Array
    query_mean: Array
    projection: Array | None = None
    backbone: Mapping[str, Json] = field(default_factory=dict)
    facts: Mapping[str, Json] = field(default_factory=dict)
    reference_photos: Array | None = None

    def __post_init__(self) -> None:
        """Raise ModelUnavailable unless shapes fit and all numbers are finite."""
        arrays = [self.catalogue_mean, self.query_mean]
        if self.projection is not None:
            arrays.append(self.projection)
        dims = self.catalogue_mean.shape
        fits = len(dims) == 1 and self.query_mean.shape == dims
        if self.projection is not None:
            fits = fits and self.projection.ndim == 2 and self.projection.shape[:1] == dims
        if not fits:
            shapes = ", ".join(str(array.shape) for array in arrays)
            raise ModelUnavailable(f"a head's means and projection do not fit together: {shapes}")
        if self.reference_photos is not None:
            arrays.append(self.reference_photos)
            if self.reference_photos.ndim != 2 or self.reference_photos.shape[1] != self._projected:
                raise ModelUnavailable(
                    f"a head's crowd of photos does not fit it: {self.reference_photos.shape}"
                )
        if not all(array.size and np.isfinite(array).all() for array in arrays):
            raise ModelUnavailable("a head holds numbers that are not finite, or none at all")

    @property
    def dims(self) -> int:
        """Length of the vectors that come out."""
        return self._projected + (0 if self.reference_photos is None else hubness.EXTRA_DIMS)

    @property
    def _projected(self) -> int:
        last = self.catalogue_mean if self.projection is None else self.projection
        return int(last.shape[-1])

    @cached_property
    def sha256(self) -> str:
        """What decides the output, as one hex digest; `facts` have no part in it."""
        digest = hashlib.sha256(json.dumps(dict(self.backbone), sort_keys=True).encode())
        for array in (self.catalogue_mean, self.query_mean, self.projection):
            kept = np.zeros(0, "<f4") if array is None else array.astype("<f4")
            digest.update(f"{kept.shape}".encode() + kept.tobytes())
        if self.reference_photos is not None:
            digest.update(b"crowd" + self.reference_photos.astype("<f4").tobytes())
        return digest.hexdigest()

    def transform_catalogue(self, vectors: Array) -> Array:
        """Return (n, k) vectors of length one from the backbone's (n, d) for shop pictures.

        A vector without direction, before or after centring, comes back as zeros.
        """
        return self._kept(self._applied(vectors, self.catalogue_mean))

    def transform_stored_photos(self, vectors: Array) -> Array:
        """Return the same for shoppers' photos that are kept, to be found by others."""
        return self._kept(self._applied(vectors, self.query_mean))

    def transform_queries(self, vectors: Array) -> Array:
        """Return the same for shoppers' photos that are asked with."""
        asked = self._applied(vectors, self.query_mean)
        return asked if self.reference_photos is None else hubness.extend_queries(asked)

    def _kept(self, rows: Array) -> Array:
        return (
            rows
            if self.reference_photos is None
            else hubness.extend_stored(rows, self.reference_photos)
        )

    def _applied(self, vectors: Array, mean: Array) -> Array:
        rows = normalise(vectors)
        moved = np.where(rows.any(axis=1, keepdims=True), rows - mean, 0)
        return normalise(moved if self.projection is None else moved @ self.projection)

    def save(self, path: Path) -> None:
        """Write the head as one .npz file, complete or not at all."""
        file = io.BytesIO()
        members = {
            "format": np.asarray(FORMAT),
            "catalogue_mean": self.catalogue_mean.astype(np.float32),
            "query_mean": self.query_mean.astype(np.float32),
            "backbone": np.asarray(json.dumps(dict(self.backbone))),
            "facts": np.asarray(json.dumps(dict(self.facts))),
        }
        if self.projection is not None:
            members["projection"] = self.projection.astype(np.float32)
        if self.reference_photos is not None:
            members["crowd"] = self.reference_photos.astype(np.float16)
        np.savez(file, allow_pickle=False, **members)
        write(path, file.getvalue())

    @classmethod
    def load(cls, path: Path) -> "Head":
        """Return what `save` wrote. Raises ModelUnavailable saying what is wrong with the file."""
        try:
            with path.open("rb") as file:
                stored = np.load(file, allow_pickle=False)
                if not isinstance(stored, np.lib.npyio.NpzFile):
                    raise ModelUnavailable(f"{path} is a single array, no head")
                read = {name: stored[name] for name in stored.files}
        except OSError as error:
            raise ModelUnavailable(f"the head {path} cannot be read: {error.strerror}") from error
        except (ValueError, EOFError, zipfile.BadZipFile) as error:
            raise ModelUnavailable(
                f"{path} is no head: `python -m indexer centre` and `train-head` write them"
            ) from error
        if missing := REQUIRED_MEMBERS - read.keys():
            raise ModelUnavailable(f"{path} is no head: it lacks {', '.join(sorted(missing))}")
        if read.keys() - REQUIRED_MEMBERS - OPTIONAL_MEMBERS or read["format"].tolist() != FORMAT:
            raise ModelUnavailable(f"{path} was written by another version: make the head anew")
        try:
            return cls(
                read["catalogue_mean"].astype(np.float32),
                read["query_mean"].astype(np.float32),
                read["projection"].astype(np.float32) if "projection" in read else None,
                _parse_object(read["backbone"]),
                _parse_object(read["facts"]),
                read["crowd"].astype(np.float32) if "crowd" in read else None,
            )
        except (ValueError, TypeError) as error:
            raise ModelUnavailable(f"{path} is no head: {error}") from error
        except ModelUnavailable as error:
            raise ModelUnavailable(f"{path}: {error}") from error


def normalise(vectors: NDArray[np.floating]) -> Array:
    """Return the rows of (n, d) at length one; a row without direction comes back as zeros."""
    rows = np.asarray(vectors, np.float32)
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    result: Array = np.divide(rows, lengths, out=np.zeros_like(rows), where=lengths > MIN_LENGTH)
    return result


def _parse_object(stored: NDArray[np.str_]) -> dict[str, Json]:
    value = json.loads(str(stored))
    if not isinstance(value, dict):
        raise ValueError("what it says of itself is no JSON object")
    return value
