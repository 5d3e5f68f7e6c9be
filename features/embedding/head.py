"""A head: transforms a backbone's vectors before they are stored or searched with.

Phone photos and shop pictures of the same products form two separate clusters; subtracting each
cluster's mean brings them together (domain centring). A projection learned from labels then keeps
the directions that distinguish products. Finally, hubness may be corrected (`hubness`).
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
"""A unit vector with less than this left after centring is float32's rounding error."""

REQUIRED_MEMBERS = frozenset({"format", "catalogue_mean", "query_mean", "backbone", "facts"})
OPTIONAL_MEMBERS = frozenset({"projection", "crowd"})


@dataclass(frozen=True)
class Head:
    """Centres, projects, normalises and corrects hubness.

    `catalogue_mean` and `query_mean`, of catalogue pictures and shoppers' photos, are (d,): zeros
    if nothing was learned, equal if only one kind was known. `projection` is (d, k), or None for
    centring alone. `reference_photos` is (n, k), query vectors of photos before hubness
    correction, or None for no correction. `backbone` is the identity of the model the head was
    made for, `facts` how it was made (counts, loss, split, held-out figures); both are JSON
    objects.
    """

    catalogue_mean: Array
    query_mean: Array
    projection: Array | None = None
    backbone: Mapping[str, Json] = field(default_factory=dict)
    facts: Mapping[str, Json] = field(default_factory=dict)
    reference_photos: Array | None = None

    def __post_init__(self) -> None:
        """Raise ModelUnavailable unless the shapes fit and all numbers are finite."""
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
                    "a head's reference photos do not fit its dimensions: "
                    f"{self.reference_photos.shape}"
                )
        if not all(array.size and np.isfinite(array).all() for array in arrays):
            raise ModelUnavailable("a head contains empty arrays or numbers that are not finite")

    @property
    def dims(self) -> int:
        """Length of the transformed vectors."""
        return self._projected + (0 if self.reference_photos is None else hubness.EXTRA_DIMS)

    @property
    def _projected(self) -> int:
        last = self.catalogue_mean if self.projection is None else self.projection
        return int(last.shape[-1])

    @cached_property
    def sha256(self) -> str:
        """The hex digest of everything that affects the output, so without `facts`."""
        digest = hashlib.sha256(json.dumps(dict(self.backbone), sort_keys=True).encode())
        for array in (self.catalogue_mean, self.query_mean, self.projection):
            values = np.zeros(0, "<f4") if array is None else array.astype("<f4")
            digest.update(f"{values.shape}".encode() + values.tobytes())
        if self.reference_photos is not None:
            digest.update(b"crowd" + self.reference_photos.astype("<f4").tobytes())
        return digest.hexdigest()

    def transform_catalogue(self, vectors: Array) -> Array:
        """Transform the backbone's vectors (n, d) of catalogue pictures to unit vectors to store.

        The result is (n, `dims`). A vector that is zero before or after centring becomes zeros.
        """
        return self._extend_stored(self._apply(vectors, self.catalogue_mean))

    def transform_stored_photos(self, vectors: Array) -> Array:
        """Transform vectors of shoppers' photos in the same way, to store them."""
        return self._extend_stored(self._apply(vectors, self.query_mean))

    def transform_queries(self, vectors: Array) -> Array:
        """Transform vectors of shoppers' photos in the same way, to search with them."""
        rows = self._apply(vectors, self.query_mean)
        return rows if self.reference_photos is None else hubness.extend_queries(rows)

    def _extend_stored(self, rows: Array) -> Array:
        if self.reference_photos is None:
            return rows
        return hubness.extend_stored(rows, self.reference_photos)

    def _apply(self, vectors: Array, mean: Array) -> Array:
        rows = normalise(vectors)
        centred = np.where(rows.any(axis=1, keepdims=True), rows - mean, 0)
        return normalise(centred if self.projection is None else centred @ self.projection)

    def save(self, path: Path) -> None:
        """Write the head as one .npz file, completely or not at all."""
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
        """Read what `save` wrote. Raises ModelUnavailable, naming what is wrong with the file."""
        try:
            with path.open("rb") as file:
                stored = np.load(file, allow_pickle=False)
                if not isinstance(stored, np.lib.npyio.NpzFile):
                    raise ModelUnavailable(f"{path} is a single array and not a head")
                members = {name: stored[name] for name in stored.files}
        except OSError as error:
            raise ModelUnavailable(f"the head {path} cannot be read: {error.strerror}") from error
        except (ValueError, EOFError, zipfile.BadZipFile) as error:
            raise ModelUnavailable(
                f"{path} is not a head: make one with `python -m indexer centre` or `train-head`"
            ) from error
        if missing := REQUIRED_MEMBERS - members.keys():
            raise ModelUnavailable(f"{path} is not a head: it lacks {', '.join(sorted(missing))}")
        if (
            members.keys() - REQUIRED_MEMBERS - OPTIONAL_MEMBERS
            or members["format"].tolist() != FORMAT
        ):
            raise ModelUnavailable(
                f"{path} was written by another version of this program: make a new head"
            )
        try:
            return cls(
                members["catalogue_mean"].astype(np.float32),
                members["query_mean"].astype(np.float32),
                members["projection"].astype(np.float32) if "projection" in members else None,
                _parse_object(members["backbone"]),
                _parse_object(members["facts"]),
                members["crowd"].astype(np.float32) if "crowd" in members else None,
            )
        except (ValueError, TypeError) as error:
            raise ModelUnavailable(f"{path} is not a head: {error}") from error
        except ModelUnavailable as error:
            raise ModelUnavailable(f"{path}: {error}") from error


def normalise(vectors: NDArray[np.floating]) -> Array:
    """Scale the rows of (n, d) to length one; a row shorter than MIN_LENGTH becomes zeros."""
    rows = np.asarray(vectors, np.float32)
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    result: Array = np.divide(rows, lengths, out=np.zeros_like(rows), where=lengths > MIN_LENGTH)
    return result


def _parse_object(stored: NDArray[np.str_]) -> dict[str, Json]:
    value = json.loads(str(stored))
    if not isinstance(value, dict):
        raise ValueError("its description is not a JSON object")
    return value
