"""From uploaded bytes to the value of every feature of the picture."""

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from features import extraction
from features.base import Box, Feature, Json, Picture
from features.capabilities import Deferred, TextReading
from features.imaging.blank import is_blank
from features.imaging.preparation.steps import apply_steps
from features.imaging.sandbox import Sandbox
from features.registry import Registry

Choice: TypeAlias = Literal["auto", "yes", "no"]
"""Whether to read a picture's text: where there seems to be some, in any case, or not at all."""


@dataclass(frozen=True)
class ExtractedFeatures:
    """One query picture: a value per feature that has one, and how long each step took.

    `text` is the text in the picture, '' where it was not read.
    """

    values: Mapping[str, Json]
    text: str = ""
    decode_ms: float = 0.0
    features_ms: float = 0.0
    ms_by_feature: Mapping[str, float] = field(default_factory=dict)


class QueryExtractor:
    """Decodes uploads in child processes and extracts query values."""

    def __init__(self, registry: Registry, sandbox: Sandbox) -> None:
        self.registry = registry
        self._sandbox = sandbox

    def extract(
        self,
        data: bytes | Picture,
        crop: Box | None,
        names: Iterable[str],
        *,
        prepare: Sequence[str] = (),
        accurate: bool = False,
        read_text: Choice = "no",
    ) -> ExtractedFeatures:
        """Return the values of the named features, after the named steps of preparation.

        `data` is a file, or a picture decoded already. A blank picture has no values. Raises
        UnsupportedImage and its kin, UnknownName for a step, and Busy.
        """
        started = time.perf_counter()
        whole = data if isinstance(data, Picture) else self.decode(data)
        picture = apply_steps(whole if crop is None else whole.crop(crop), prepare)
        decoded = time.perf_counter()
        values: dict[str, Json] = {}
        ms_by_feature: dict[str, float] = {}
        for name in () if is_blank(picture) else names:
            began = time.perf_counter()
            value = self._extract(name, picture, accurate)
            ms_by_feature[name] = 1000 * (time.perf_counter() - began)
            if value is not None:
                values[name] = value
        began = time.perf_counter()
        text = self.read_text(picture, read_text)
        if read_text != "no":
            ms_by_feature["read_text"] = 1000 * (time.perf_counter() - began)
        return ExtractedFeatures(
            values,
            text,
            decode_ms=1000 * (decoded - started),
            features_ms=1000 * (time.perf_counter() - decoded),
            ms_by_feature=ms_by_feature,
        )

    @property
    def reads_text(self) -> bool:
        """Whether any feature reads the text in pictures."""
        return any(isinstance(feature, TextReading) for feature in self.registry.values())

    def read_text(self, picture: Picture, choice: Choice) -> str:
        """Return the text in a picture, line by line; '' where there is none."""
        texts = []
        for feature in self.registry.values() if choice != "no" else ():
            if not isinstance(feature, TextReading):
                continue
            if choice == "yes" or is_worthwhile(feature, picture):
                texts.append(feature.read_text(picture))
        return "\n".join(text for text in texts if text)

    def decode(self, data: bytes, crop: Box | None = None) -> Picture:
        """Return the decoded picture, or the part of it inside `crop`. Raises as `extract`."""
        picture = self._sandbox.decode(data)
        return picture if crop is None else picture.crop(crop)

    def extract_stored(
        self, data: bytes, fields: Mapping[str, Feature]
    ) -> tuple[Picture, dict[str, Json]]:
        """Return the whole picture, and the values that the quick features among these store of it.

        Raises as `extract`.
        """
        picture = self._sandbox.decode(data)
        return picture, extraction.extract_stored(picture, fields)

    def close(self) -> None:
        """End the decoding processes."""
        self._sandbox.close()

    def _extract(self, name: str, picture: Picture, accurate: bool) -> Json | None:
        feature = self.registry[name]
        if not is_worthwhile(feature, picture):
            return None
        return extraction.extract_photo_value(feature, picture, accurate=accurate)


def is_worthwhile(feature: Feature, picture: Picture) -> bool:
    """Say whether a feature may find anything in a picture; only slow ones can tell."""
    return not isinstance(feature, Deferred) or feature.is_worthwhile(picture)
