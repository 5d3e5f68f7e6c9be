"""Puts products together again, once the last of their pictures has been seen."""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from features.base import Json
from indexer.feeds.product import Product
from indexer.feeds.rows import Rejection
from indexer.loading.pictures import FIELD, PendingPicture
from indexer.loading.writer import CompleteProduct


@dataclass
class PendingProduct:
    """One product waiting for the slow features of some of its pictures.

    `kept` are stored pictures that the feed knows nothing of (`source` is not `catalogue`): they
    stay. `settled` is called once, by whichever thread brings the last value, with the complete
    product or why it does not go in; `rejected` before that, for every picture that does not.
    """

    product: Product
    pictures: Sequence[PendingPicture]
    other_pictures: Sequence[Json]
    updated_at: str
    on_rejected_picture: Callable[[Rejection], None]
    on_complete: Callable[[CompleteProduct | Rejection], None]

    def __post_init__(self) -> None:
        self._waiting = sum(1 for shot in self.pictures if shot.deferred and shot.rejection is None)
        self._lock = threading.Lock()
        if not self._waiting:
            self._finish()

    def add_deferred(
        self, shot: PendingPicture, values: Mapping[str, Json] | None, why: str
    ) -> None:
        """Take the slow values of one picture, or why there are none."""
        with self._lock:
            if values is None:
                shot.reject("feature_failed", f"{', '.join(shot.deferred)}: {why}")
            else:
                shot.values.update(values)
            self._waiting -= 1
            last = not self._waiting
        if last:
            self._finish()

    def _finish(self) -> None:
        good = [shot for shot in self.pictures if shot.rejection is None]
        broken = [shot.rejection for shot in self.pictures if shot.rejection is not None]
        if not good and len(broken) == 1:
            # The product's only picture: one line says it all.
            self.on_complete(broken[0])
            return
        for rejection in broken:
            self.on_rejected_picture(rejection)
        if not good:
            detail = "none of the product's pictures can be used"
            line, key = self.product.line, self.product.id
            self.on_complete(Rejection(line, FIELD, "no_usable_picture", detail, key))
            return
        # Now, not when the load began: who follows the index by this moment has long passed the
        # beginning of a load that takes hours.
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        document = {
            **self.product.fields,
            "image_link": good[0].url,
            "updated_at": self.updated_at,
            "images": [one for shot in good for one in shot.documents(now)]
            + list(self.other_pictures),
        }
        reused = sum(1 for shot in good if shot.stored_document is not None)
        self.on_complete(CompleteProduct(self.product.line, document, len(good), reused))
