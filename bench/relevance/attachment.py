"""Attach shoppers' photos to products in a bench, and keep those of another split as queries."""

from collections.abc import Sequence
from pathlib import Path

from app.services import Services
from bench.data.query_photos import QueryPhoto
from bench.report import log_progress
from core.errors import LookalikeError
from features.embedding.training.splits import TRAINING_SPLITS
from indexer.errors import FeedUnreadable
from indexer.training import photo_list


def split_by_training(
    queries: Path, photos: Sequence[QueryPhoto]
) -> tuple[list[QueryPhoto], list[QueryPhoto]]:
    """Return the photos whose split is `train`, and all others. Raises FeedUnreadable.

    Only the list's column decides: photos of one burst must not be on both sides.
    """
    splits = {one.path: one.origin.split.casefold() for one in photo_list.read_photos(queries)}
    train = [one for one in photos if splits[one.path] in TRAINING_SPLITS]
    others = [one for one in photos if splits[one.path] not in TRAINING_SPLITS]
    if not train or not others:
        raise FeedUnreadable(f"{queries} needs a column split with train and another word in it")
    return train, others


def attach_photos(services: Services, photos: Sequence[QueryPhoto], count: int) -> int:
    """Attach up to `count` photos of each product, as the API does; return how many succeeded."""
    by_product: dict[str, int] = {}
    attached = 0
    for photo in photos:
        if by_product.get(photo.product_id, 0) >= count:
            continue
        by_product[photo.product_id] = by_product.get(photo.product_id, 0) + 1
        try:
            services.shopper_photos.attach(photo.product_id, photo.path.read_bytes(), None)
            attached += 1
        except LookalikeError as error:
            log_progress(f"{photo.path.name}: {error}")
    services.catalogue.refresh()
    return attached
