"""Shoppers' photos, attached to the product they show as extra views of it."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from app.accounts.bearer_token import is_token
from app.accounts.errors import Forbidden, SignInNeeded
from app.search.query_extractor import QueryExtractor
from app.shoppers.shopper_settings import ShopperSettings
from features.base import Json, Picture
from features.capabilities import Conclusive, Deferred, Faceted, QueryPhotoAware
from features.imaging.thumbnails import Thumbnails
from mappings.catalogue.catalogue import Catalogue
from mappings.catalogue.shopper_photos import ShopperPhoto, ShopperPhotos

EXCLUDED_FEATURES = (Deferred, Faceted, Conclusive)
"""Features that are not stored of a shopper's photo, which only shows how a product looks.

Its words may name people, its colours are those of a kitchen, and its hashes would recognise the
photo itself rather than the product.
"""


@dataclass(frozen=True)
class AttachedPhoto:
    """An attached photo; `photos` is the number that the product now has."""

    image_id: str
    expires_at: datetime
    photos: int


class ShopperPhotoService:
    """Attaches and removes photos. Thread-safe; one per worker."""

    def __init__(
        self,
        photos: ShopperPhotos,
        catalogue: Catalogue,
        extractor: QueryExtractor,
        copies: Thumbnails,
        settings: ShopperSettings,
    ) -> None:
        self._photos = photos
        self._catalogue = catalogue
        self._extractor = extractor
        self._copies = copies
        self._settings = settings

    def check_token(self, token: str | None) -> None:
        """Raise Forbidden where photos are not accepted, SignInNeeded for a wrong token."""
        if not self._settings.token:
            raise Forbidden("shoppers' photos are not accepted here: set LOOKALIKE_SHOPPER_TOKEN")
        if not is_token(token, self._settings.token):
            raise SignInNeeded("send Authorization: Bearer with the shop's LOOKALIKE_SHOPPER_TOKEN")

    def attach(self, product_id: str, data: bytes, days: int | None) -> AttachedPhoto:
        """Store a photo with the product it shows, for a number of days.

        Raises NotFound, ModelMismatch, InvalidQuery for the product's own picture, Busy, and
        UnsupportedImage and its kin.
        """
        picture = self._extractor.decode(data)
        expires_at = datetime.now(UTC) + timedelta(days=days or self._settings.days)
        photo = ShopperPhoto(
            str(picture.sha256), picture.width, picture.height, self._values(picture), expires_at
        )
        count = self._photos.attach(product_id, photo, self._settings.max_photos)
        # No page or address leads there: training a head needs the pixels again.
        self._copies.save(picture)
        return AttachedPhoto(photo.image_id, expires_at, count)

    def remove(self, product_id: str, image_id: str) -> None:
        """Remove a photo at once. Raises NotFound and Busy."""
        self._photos.remove(product_id, image_id)
        if not self._photos.has_photo(image_id):
            self._copies.remove(image_id)

    def _values(self, picture: Picture) -> dict[str, Json]:
        values: dict[str, Json] = {}
        # Also for the standby model, where the index holds two.
        for field, feature in self._catalogue.refresh_write_features().items():
            if isinstance(feature, EXCLUDED_FEATURES):
                continue
            # The photo should be near the next shopper's photo.
            (value,) = (
                feature.extract_stored_photo([picture])
                if isinstance(feature, QueryPhotoAware)
                else feature.extract([picture])
            )
            if value is not None:
                values[field] = value
        return values
