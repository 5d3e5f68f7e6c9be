"""The features of a search's pictures: uploads, pictures of earlier searches, stored products."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from app.search.feature_cache import QueryFeatureCache, new_query_id
from app.search.query_extractor import ExtractedFeatures, QueryExtractor
from app.search.search_request import SearchRequest
from core.errors import InvalidQuery
from features.base import Box, Json
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
    the `item_group_id` of the stored products, of those that have one.
    """

    photos: tuple[ExtractedFeatures, ...] = ()
    products: tuple[ExtractedFeatures, ...] = ()
    negatives: tuple[ExtractedFeatures, ...] = ()
    picture_id: str | None = None
    unlike_picture_id: str | None = None
    item_groups: tuple[str, ...] = ()

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
        catalogue: Catalogue,
        max_pictures: int,
    ) -> None:
        self._registry = registry
        self._extractor = extractor
        self._cache = cache
        self._catalogue = catalogue
        self._max_pictures = max_pictures

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
        photos, picture_id = self._photos(
            request,
            request.images,
            cursor.picture if cursor else parameters.picture,
            names,
            query_id,
            crops=parameters.crop,
            reads_text=reads_text,
        )
        negatives, unlike_picture_id = self._photos(
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
        )

    def _photos(
        self,
        request: SearchRequest,
        images: Sequence[bytes],
        earlier_id: str | None,
        names: Sequence[str],
        new_id: str,
        crops: Sequence[Box] = (),
        reads_text: bool = False,
    ) -> tuple[tuple[ExtractedFeatures, ...], str | None]:
        """Return the features of photos, and the id they are cached under."""
        if earlier_id:
            if images:
                raise InvalidQuery("send either pictures or the id of an earlier search, not both")
            cached = self._cache.load(earlier_id, request.earlier)
            unread = ("",) * len(cached.pictures)
            pairs = zip(cached.pictures, (reads_text and cached.texts) or unread, strict=True)
            return tuple(ExtractedFeatures(values, text) for values, text in pairs), earlier_id
        parameters = request.parameters
        choice = parameters.read_text if reads_text else "no"
        prepare = steps.validate_steps(parameters.prepare)
        if not images:
            return (), None
        photos = tuple(
            self._extractor.extract(
                data,
                crop,
                names,
                prepare=prepare,
                accurate=parameters.accurate,
                read_text=choice,
            )
            for data, crop in zip_longest(images, crops)
        )
        texts = [photo.text for photo in photos] if choice != "no" else None
        self._cache.store(new_id, [photo.values for photo in photos], texts)
        return photos, new_id

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
