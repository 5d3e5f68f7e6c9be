"""Stores the parts of pictures that an index holds without them, while it is searched and changed.

A load finds the parts of a picture once, with the features it then has. An index that was loaded
without any that compares pictures has no parts, and a feature's backfill gives values only to parts
that are there. Which pictures have no parts is not stored: most have none, and are looked at again
by each run.
"""

from collections.abc import Callable, Mapping

from core.errors import LookalikeError
from features.base import Feature, Json
from features.extraction import compared_features
from features.fingerprint import fingerprint
from indexer.backfill.feature_values import Pictures
from indexer.backfill.index_pass import IndexPass
from indexer.backfill.page_filler import (
    BackfillControl,
    BackfillResult,
    ExtractedValues,
    PageFiller,
    Read,
)
from indexer.backfill.position import PositionFile
from indexer.errors import NothingToDo
from indexer.ledger.ledger import Ledger
from indexer.loading.dependencies import ThumbnailStore
from indexer.loading.picture_parts import store_parts
from mappings.catalogue.feature_filling import FeatureFilling
from mappings.catalogue.products import PICTURES, parts_of, picture_key, real_pictures

PARTS = "parts"
"""What the command calls the parts of pictures, where it otherwise names a feature."""

Fields = Callable[[], Mapping[str, Feature]]
"""Returns which feature fills each field of a picture, as the index holds them now."""

SHARED = ("image_id", "url", "added_at")
"""Fields that a part has from its picture."""


class PartBackfill:
    """Stores missing parts in the catalogue's index, and their pixels in `thumbnails`."""

    def __init__(
        self,
        index: FeatureFilling,
        fields: Fields,
        thumbnails: ThumbnailStore,
        read: Read,
        control: BackfillControl,
        positions: PositionFile,
        ledger: Ledger,
    ) -> None:
        self._index = index
        self._fields = fields
        self._thumbnails = thumbnails
        self._control = control
        self._filler = PageFiller(index, read, self._find, _with_parts)
        self._pass = IndexPass(index, PARTS, self._filler, control, positions, ledger)

    def run(self) -> BackfillResult:
        """Store what is missing; return how many pictures got parts. Stopped, it can be run again.

        Raises NothingToDo where the index holds no feature that parts are compared by,
        IndexReplaced, ModelMismatch, and EngineUnavailable and similar errors once the retries are
        used up.
        """
        call = self._control.patience.call
        call(self._index.refresh)
        compared = compared_features(call(self._fields))
        if not compared:
            raise NothingToDo(
                "the index holds no feature that parts are compared by, such as pdq or embedding: "
                "fill one in first, by `python -m indexer backfill FEATURE`"
            )
        mark = {field: fingerprint(feature) for field, feature in sorted(compared.items())}
        position = self._pass.read_position(mark) or self._pass.begin(mark)
        self._pass.follow(self._pass.scan(position, self._lacking), self._lacking)
        self._pass.end()
        return self._pass.result

    def _lacking(self, source: Json) -> list[Json]:
        pictures = source.get(PICTURES, [])
        return [
            picture
            for picture in real_pictures(pictures)
            if not parts_of(pictures, picture["image_id"])
            and picture_key(picture) not in self._filler.without_value
        ]

    def _find(self, pictures: Pictures) -> ExtractedValues:
        """Return the documents of each picture's parts, None for a picture without any."""
        fields = self._fields()
        values: dict[str, Json | None] = {}
        problems: dict[str, str] = {}
        for key, (document, picture) in pictures.items():
            try:
                parts = store_parts(picture, document["image_id"], fields, self._thumbnails)
            except LookalikeError:
                raise
            # As in a load, it costs one picture, not a backfill of hours.
            except Exception as error:
                problems[key] = f"{type(error).__name__}: {error}"
            else:
                values[key] = parts or None
        return ExtractedValues(values, problems)


def _with_parts(picture: Json, parts: Json | None) -> list[Json]:
    """Return a picture's document, then those of its parts, as a load stores them."""
    shared = {name: picture[name] for name in SHARED if name in picture}
    return [picture, *({**part, **shared} for part in parts or ())]
