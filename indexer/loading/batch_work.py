"""Turns a batch of products into documents, in two halves: pictures first, then their features."""

from collections.abc import Mapping, Sequence

from features.base import Feature
from indexer.loading.batch_processor import BatchTask, BuiltBatch
from indexer.loading.pending_picture import PendingPicture
from indexer.loading.picture_pipeline import PicturePipeline
from indexer.loading.product_document import build_product


class LocalProcessor:
    """Works in the calling thread, with this process's features."""

    def __init__(self, pictures: PicturePipeline, at_once: int) -> None:
        self.at_once = at_once
        self._pictures = pictures

    def process(self, task: BatchTask, fields: Mapping[str, Feature]) -> BuiltBatch:
        """Return what becomes of a batch."""
        pictures = fetch_batch(task, self._pictures)
        return extract_batch(task, pictures, fields, self._pictures)

    def close(self) -> None:
        """End the fetching threads."""
        self._pictures.close()


def fetch_batch(task: BatchTask, pipeline: PicturePipeline) -> list[PendingPicture]:
    """Return the pictures of a batch, decoded; the first half of the work."""
    return list(pipeline.fetch(task.products, task.stored))


def extract_batch(
    task: BatchTask,
    pictures: Sequence[PendingPicture],
    fields: Mapping[str, Feature],
    pipeline: PicturePipeline,
) -> BuiltBatch:
    """Extract the features of a batch's pictures and build its documents; the second half."""
    by_product: dict[str, list[PendingPicture]] = {product.id: [] for product in task.products}
    for picture in pictures:
        by_product[picture.product.id].append(picture)
    pipeline.extract([picture for group in by_product.values() for picture in group], fields)
    return [
        build_product(
            product, by_product[product.id], task.stored.get(product.id, {}), task.updated_at
        )
        for product in task.products
    ]
