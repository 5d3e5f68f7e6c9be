"""Builds a product's document from its pictures, as far as their features are there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from features.base import Json
from indexer.feeds.product import Product
from indexer.feeds.rows import Rejection
from indexer.ledger.content_hash import ContentHash, hash_content
from indexer.loading.pending_picture import FIELD, PendingPicture
from mappings.catalogue.products import OWN_SOURCES, PART, REGION, pending_features


@dataclass(frozen=True)
class BuiltProduct:
    """A product document and where it came from; `is_pending` while slow features are to come.

    `content` is what its source says of it.
    """

    line: int
    document: Json
    content: ContentHash
    pictures: int
    reused: int

    @property
    def is_pending(self) -> bool:
        """Whether a picture still lacks a slow feature."""
        return bool(pending_features(self.document["images"]))


def build_product(
    product: Product,
    pictures: Sequence[PendingPicture],
    stored: Mapping[str, Json],
    updated_at: str,
) -> tuple[BuiltProduct | None, list[Rejection]]:
    """Return a product's document, None where no picture can be used, and what is rejected of it.

    `stored` are the product's picture documents in the index; those that the feed knows nothing of
    stay, such as a shopper's photo. Regions and parts stay or go with their picture.
    """
    usable = [picture for picture in pictures if picture.rejection is None]
    rejections = [picture.rejection for picture in pictures if picture.rejection is not None]
    if not usable:
        # Where it was the product's only picture, one line says it all.
        if len(rejections) != 1:
            detail = "none of the product's pictures can be used"
            rejections.append(
                Rejection(product.line, FIELD, "no_usable_picture", detail, product.id)
            )
        return None, rejections
    from_feed = {*OWN_SOURCES, REGION, PART}
    image_ids = {picture.image_id for picture in pictures}
    other_pictures = [
        document
        for document in stored.values()
        if document.get("source") not in from_feed and document["image_id"] not in image_ids
    ]
    # Now, not when the load began: who follows the index by this moment has long passed the
    # beginning of a load that takes hours.
    now = datetime.now(UTC).isoformat(timespec="milliseconds")
    documents = [document for picture in usable for document in picture.documents(now)]
    document = {
        **product.fields,
        "image_link": usable[0].url,
        "updated_at": updated_at,
        "images": documents + other_pictures,
    }
    reused = sum(1 for picture in usable if picture.stored_document is not None)
    content = hash_content(product.fields, product.pictures)
    return BuiltProduct(product.line, document, content, len(usable), reused), rejections
