"""One picture of a product on its way into the index."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from features.base import Json, Picture
from indexer.feeds.product import Product
from indexer.feeds.rows import Rejection
from mappings.catalogue.products import PENDING

FIELD = "image_link"
"""The field that the rejection of a picture names."""


@dataclass
class PendingPicture:
    """A picture with the values extracted so far.

    `stored_document` is its document from an earlier load; then nothing is decoded. `deferred`
    names the features that `values` still lacks. `regions` are the documents of the picture's
    regions and parts, as stored or without the fields they share with it. `picture` is released
    once its features are extracted.
    """

    product: Product
    url: str
    image_id: str
    picture: Picture | None = None
    size: tuple[int, int] = (0, 0)
    stored_document: Mapping[str, Json] | None = None
    values: dict[str, Json] = field(default_factory=dict)
    deferred: tuple[str, ...] = ()
    regions: list[Json] = field(default_factory=list)
    rejection: Rejection | None = None

    def document(self, added_at: str) -> dict[str, Json]:
        """Return the nested picture document, without the features that found no signal.

        `added_at` (ISO 8601) is for a picture that is new to its product; a stored one keeps its
        own.
        """
        if self.stored_document is not None:
            return {"added_at": added_at, **self.stored_document, "url": self.url}
        width, height = self.size
        base = {
            "image_id": self.image_id,
            "url": self.url,
            "width": width,
            "height": height,
            "source": "catalogue",
            "added_at": added_at,
        }
        pending = {PENDING: list(self.deferred)} if self.deferred else {}
        values = {name: value for name, value in self.values.items() if value is not None}
        return base | pending | values

    def documents(self, added_at: str) -> list[dict[str, Json]]:
        """Return the picture's document, then those of its regions."""
        whole = self.document(added_at)
        shared = {name: whole[name] for name in ("image_id", "url", "added_at") if name in whole}
        return [whole, *({**region, **shared} for region in self.regions)]

    def reject(self, rule: str, detail: str) -> None:
        """Keep the picture out of the index, for this reason."""
        detail = f"{self.url[:200]}: {detail}"
        self.rejection = Rejection(self.product.line, FIELD, rule, detail, self.product.id)
