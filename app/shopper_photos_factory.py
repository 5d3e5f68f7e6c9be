"""Puts the service for shoppers' photos together."""

from collections.abc import Iterable

from app.search.query_extractor import QueryExtractor
from app.settings import AppSettings
from app.shoppers.shopper_photos import ShopperPhotoService
from features.base import Feature
from features.imaging.thumbnails import Thumbnails
from features.registry import Registry
from mappings.catalogue.catalogue import Catalogue
from mappings.catalogue.shopper_photos import ShopperPhotos
from mappings.engine.connection import connect


def open_shopper_photos(
    settings: AppSettings,
    registry: Registry,
    all_features: Iterable[Feature],
    extractor: QueryExtractor,
) -> ShopperPhotoService:
    """Return the service; `all_features` are all versions of all features."""
    gateway = connect(settings.engine, api_key=settings.shoppers.api_key)
    index = settings.engine.index
    catalogue = Catalogue(
        gateway, registry, index, spare=tuple(all_features), fields=settings.fields
    )
    copies = Thumbnails(settings.state_dir / "shoppers")
    return ShopperPhotoService(
        ShopperPhotos(gateway, index), catalogue, extractor, copies, settings.shoppers
    )
