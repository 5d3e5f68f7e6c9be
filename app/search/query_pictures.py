"""The features of a search's pictures: uploads, pictures of earlier searches, stored products."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest

from app.search.earlier_pictures import (
    EarlierPart,
    is_same_search,
    part_query_id,
    part_text,
    picture_parts,
)
from app.search.feature_cache import CachedQuery, QueryFeatureCache, new_query_id
from app.search.photo_store import PhotoStore, photo_name
from app.search.query_extractor import Choice, ExtractedFeatures, QueryExtractor
from app.search.repeated_pictures import RepeatedPictures, picture_key
from app.search.search_request import SearchRequest
from core.errors import InvalidQuery
from features.base import Box, Json, Picture
from features.imaging.preparation import steps
from features.registry import Registry
from mappings.catalogue import versions
from mappings.catalogue.catalogue import Catalogue
from mappings.catalogue.products import ITEM_GROUP, PICTURES, own_pictures


@dataclass(frozen=True)
class QueryPictures:
    """The features of everything a search shows; `negatives` is what to find less of.

    `photos` were sent as pictures, `products` are stored ones. `picture_id` and `unlike_picture_id`
    are the ids that the features of photos are cached under, None without photos. `item_groups` are
    the `item_group_id` of the stored products, of those that have one. `photo_names` are those that
    the photos are stored under (`app.search.photo_store`), "" for one that is not.
    """

    photos: tuple[ExtractedFeatures, ...] = ()
    products: tuple[ExtractedFeatures, ...] = ()
    negatives: tuple[ExtractedFeatures, ...] = ()
    picture_id: str | None = None
    unlike_picture_id: str | None = None
    item_groups: tuple[str, ...] = ()
    photo_names: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The text in the photos, line by line."""
        return "\n".join(photo.text for photo in self.photos if photo.text)

    @property
    def positives(self) -> tuple[ExtractedFeatures, ...]:
        """Everything to find more of, photos first."""
        return (*self.photos, *self.products)


class QueryPictureResolver:
    """Extracts the features of a search's pictures, or loads those of an earlier search."""

    def __init__(
        self,
        registry: Registry,
        extractor: QueryExtractor,
        cache: QueryFeatureCache,
        photo_store: PhotoStore,
        catalogue: Catalogue,
        max_pictures: int,
        repeated: RepeatedPictures,
    ) -> None:
        self._registry = registry
        self._extractor = extractor
        self._cache = cache
        self._photo_store = photo_store
        self._catalogue = catalogue
        self._max_pictures = max_pictures
        self._repeated = repeated

    def resolve(
        self, request: SearchRequest, names: Sequence[str], query_id: str, *, reads_text: bool
    ) -> QueryPictures:
        """Return the named features of every picture and product that the request names.

        With `reads_text`, also the text in uploads and in the pictures of an earlier search.

        The features of uploads are cached under `query_id`. Raises InvalidQuery, NotFound and
        image errors.
        """
        if len(request.images) + len(request.unlike_images) > self._max_pictures:
            raise InvalidQuery(f"send at most {self._max_pictures} pictures per search")
        parameters, cursor = request.parameters, request.parameters.cursor
        # Products first: a missing one should not cost the decoding of a picture.
        stored = [self._stored(key) for key in parameters.product_id]
        products = tuple(self._features(product, names) for product in stored)
        negative_products = tuple(
            self._features(self._stored(key), names) for key in parameters.unlike_product_id
        )
        photos, picture_id, photo_names = self._photos(
            request,
            request.images,
            cursor.picture if cursor else parameters.picture,
            names,
            query_id,
            crops=parameters.crop,
            numbers=() if cursor else parameters.picture_number,
            reads_text=reads_text,
        )
        negatives, unlike_picture_id, _ = self._photos(
            request,
            request.unlike_images,
            cursor.unlike if cursor else parameters.unlike_picture,
            names,
            new_query_id(),
        )
        return QueryPictures(
            photos,
            products,
            (*negatives, *negative_products),
            picture_id,
            unlike_picture_id,
            tuple(str(product[ITEM_GROUP]) for product in stored if product.get(ITEM_GROUP)),
            photo_names,
        )

    def _photos(
        self,
        request: SearchRequest,
        images: Sequence[bytes],
        earlier_id: str | None,
        names: Sequence[str],
        new_id: str,
        crops: Sequence[Box] = (),
        numbers: Sequence[int] = (),
        reads_text: bool = False,
    ) -> tuple[tuple[ExtractedFeatures, ...], str | None, tuple[str, ...]]:
        """Return the features of photos, the id they are cached under, and the photos' names."""
        if earlier_id:
            if images:
                raise InvalidQuery("send either pictures or the id of an earlier search, not both")
            cached = self._cache.load(earlier_id, request.earlier)
            parts = picture_parts(cached, crops, numbers)
            if not is_same_search(cached, parts):
                cached = self._other_parts(request, cached, parts, names)
            unread = ("",) * len(cached.pictures)
            pairs = zip(cached.pictures, (reads_text and cached.texts) or unread, strict=True)
            photos = tuple(ExtractedFeatures(values, text) for values, text in pairs)
            return photos, cached.query_id, cached.photos
        parameters = request.parameters
        choice = parameters.read_text if reads_text else "no"
        steps.validate_steps(parameters.prepare)
        if not images:
            return (), None, ()
        stored, extracted = [], []
        for number, (data, crop) in enumerate(zip_longest(images, crops), 1):
            name = photo_name(new_id, number) if parameters.keep_photo else ""
            key = picture_key(data, part_text(crop), names, parameters, choice)
            repeated = self._repeated.find(key, name)
            if repeated is None:
                began = time.perf_counter()
                picture = self._extractor.decode(data)
                decode_ms = 1000 * (time.perf_counter() - began)
                photo = self._photo_store.store(name, picture) if name else ""
                part = None if part_text(crop) == "" else crop
                features = self._extract(request, picture, part, names, choice)
                features = replace(features, decode_ms=decode_ms + features.decode_ms)
                self._repeated.store(key, features, photo)
            else:
                features, photo = repeated
            extracted.append(features)
            if parameters.keep_photo:
                stored.append(photo)
        texts = [photo.text for photo in extracted] if choice != "no" else None
        values = [photo.values for photo in extracted]
        texts_of_crops = [part_text(crop) for _, crop in zip_longest(images, crops)]
        self._cache.store(new_id, values, texts, stored, texts_of_crops)
        return tuple(extracted), new_id, tuple(stored)

    def _extract(
        self,
        request: SearchRequest,
        data: bytes | Picture,
        crop: Box | None,
        names: Sequence[str],
        choice: Choice,
    ) -> ExtractedFeatures:
        return self._extractor.extract(
            data,
            crop,
            names,
            prepare=steps.validate_steps(request.parameters.prepare),
            accurate=request.parameters.accurate,
            read_text=choice,
        )

    def _other_parts(
        self,
        request: SearchRequest,
        cached: CachedQuery,
        parts: Sequence[EarlierPart],
        names: Sequence[str],
    ) -> CachedQuery:
        """Return these parts of an earlier search's pictures as a search of their own.

        Their features are extracted from the stored photos unless an earlier search did so; text is
        not read again. Raises NotFound once the photos have expired.
        """
        photos = [cached.photos[part.place] if cached.photos else "" for part in parts]
        crops = [part.crop for part in parts]
        key = part_query_id(cached, parts)
        for candidate in (photos[0].partition(".")[0], key):
            known = self._cache.find(candidate)
            if known and list(known.photos) == photos and list(known.crops) == crops:
                return self._cache.load(candidate, known)
        values = [
            self._extract(request, self._photo_store.load(photo), part.box, names, "no").values
            if part.is_other
            else cached.pictures[part.place]
            for part, photo in zip(parts, photos, strict=True)
        ]
        is_read = cached.texts is not None and not any(part.is_other for part in parts)
        texts = [cached.texts[part.place] for part in parts] if is_read and cached.texts else None
        self._cache.store(key, values, texts, photos, crops)
        return CachedQuery(
            key,
            cached.model_tag,
            tuple(values),
            None if texts is None else tuple(texts),
            tuple(photos),
            tuple(crops),
        )

    def _stored(self, key: str) -> dict[str, Json]:
        """Return a product with its vectors; raises NotFound."""
        return self._catalogue.product(key, vectors=True)

    def _features(self, product: Mapping[str, Json], names: Sequence[str]) -> ExtractedFeatures:
        """Return the features of a product's first picture, none where it has no picture."""
        pictures = own_pictures(product.get(PICTURES, []))
        if not pictures:
            return ExtractedFeatures({})
        first = versions.values_by_feature(
            pictures[0], versions.feature_names_by_field(self._registry)
        )
        return ExtractedFeatures({name: first[name] for name in names if name in first})
