"""Completes a product's document once the last of its pictures has all its values."""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from features.base import Json
from indexer.feeds.product import Product
from indexer.feeds.rows import Rejection
from indexer.loading.pending_picture import FIELD, PendingPicture
from indexer.loading.writer import CompleteProduct


@dataclass
class PendingProduct:
    """A product waiting for the deferred features of some of its pictures.

    `other_pictures` are stored pictures that the feed does not list (`source` is not
    `catalogue`); they stay. `on_complete` is called once, in the thread that brings the last
    value, with the complete product or why it is rejected; `on_rejected_picture` before that, for
    each rejected picture.
    """

    product: Product
    pictures: Sequence[PendingPicture]
    other_pictures: Sequence[Json]
    updated_at: str
    on_rejected_picture: Callable[[Rejection], None]
    on_complete: Callable[[CompleteProduct | Rejection], None]

    def __post_init__(self) -> None:
        self._waiting = sum(
            1 for picture in self.pictures if picture.deferred and picture.rejection is None
        )
        self._lock = threading.Lock()
        if not self._waiting:
            self._finish()

    def add_deferred(
        self, picture: PendingPicture, values: Mapping[str, Json] | None, reason: str
    ) -> None:
        """Add the deferred values of one picture; None, with the reason, where they failed."""
        with self._lock:
            if values is None:
                picture.reject("feature_failed", f"{', '.join(picture.deferred)}: {reason}")
            else:
                picture.values.update(values)
            self._waiting -= 1
            last = not self._waiting
        if last:
            self._finish()

    def _finish(self) -> None:
        usable = [picture for picture in self.pictures if picture.rejection is None]
        rejections = [
            picture.rejection for picture in self.pictures if picture.rejection is not None
        ]
        if not usable and len(rejections) == 1:
            # The product's only picture: one line is enough.
            self.on_complete(rejections[0])
            return
        for rejection in rejections:
            self.on_rejected_picture(rejection)
        if not usable:
            detail = "none of the product's pictures can be used"
            line, key = self.product.line, self.product.id
            self.on_complete(Rejection(line, FIELD, "no_usable_picture", detail, key))
            return
        # Now, not when the load began: a follower of the index that asks for newer pictures has
        # passed the beginning of a load that takes hours.
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        documents = [document for picture in usable for document in picture.documents(now)]
        product = {
            **self.product.fields,
            "image_link": usable[0].url,
            "updated_at": self.updated_at,
            "images": [*documents, *self.other_pictures],
        }
        reused = sum(1 for picture in usable if picture.stored_document is not None)
        self.on_complete(CompleteProduct(self.product.line, product, len(usable), reused))
