"""What a search's pictures show: uploads, pictures of earlier searches, and stored products."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from app.cursor import Cursor
from app.search import feature_cache
from app.search.query_extractor import ExtractedFeatures, QueryExtractor
from app.search.search_request import SearchRequest
from core.errors import InvalidQuery
from features.imaging.preparation import steps
from features.registry import Registry
from mappings.catalogue import versions
from mappings.catalogue.catalogue import Catalogue
from mappings.catalogue.products import PICTURES, own_pictures


@dataclass(frozen=True)
class QueryPictures:
    """What was seen. `photos` came as pictures, `stored` as products; `unlike` is not wanted.

    `picture` and `unlike_picture` are the ids that pictures are remembered under, None without.
    """

    photos: tuple[ExtractedFeatures, ...] = ()
    products: tuple[ExtractedFeatures, ...] = ()
    negatives: tuple[ExtractedFeatures, ...] = ()
    picture_id: str | None = None
    unlike_picture_id: str | None = None

    @property
    def positives(self) -> tuple[ExtractedFeatures, ...]:
        """Everything wanted, photos first."""
        return (*self.photos, *self.products)


class QueryPictureResolver:
    """Looks at the pictures of a search, or recalls what was seen in them."""

    def __init__(
        self,
        registry: Registry,
        eyes: QueryExtractor,
        memory: feature_cache.QueryFeatureCache,
        catalogue: Catalogue,
        most: int,
    ) -> None:
        self._registry = registry
        self._eyes = eyes
        self._memory = memory
        self._catalogue = catalogue
        self._most = most

    def resolve(
        self, request: SearchRequest, names: Sequence[str], query_id: str, at: Cursor | None
    ) -> QueryPictures:
        """Return what the named features see in everything the request shows.

        Uploads are remembered under `query_id`. Raises InvalidQuery, NotFound and image errors.
        """
        if len(request.images) + len(request.unlike_images) > self._most:
            raise InvalidQuery(f"at most {self._most} pictures a search")
        # Products first: one that is not there should cost no look.
        stored = tuple(self._stored(request.product_ids, names))
        unlike_stored = tuple(self._stored(request.unlike_product_ids, names))
        known = at.picture if at else request.picture
        photos, picture = self._photos(request, request.images, known, names, query_id)
        known = at.unlike if at else request.unlike_picture
        apart = replace(request, crops=())
        unlike, unlike_picture = self._photos(
            apart, request.unlike_images, known, names, feature_cache.new_query_id()
        )
        return QueryPictures(photos, stored, (*unlike, *unlike_stored), picture, unlike_picture)

    def _photos(
        self,
        request: SearchRequest,
        images: Sequence[bytes],
        known: str | None,
        names: Sequence[str],
        key: str,
    ) -> tuple[tuple[ExtractedFeatures, ...], str | None]:
        """Return what pictures show, and the id they are remembered under."""
        if known:
            if images:
                raise InvalidQuery("send either pictures or the id of an earlier search, not both")
            return tuple(ExtractedFeatures(values) for values in self._memory.load(known)), known
        prepare = steps.validate_steps(request.prepare)
        crops = [*request.crops, *[None] * len(images)]
        seen = tuple(
            self._eyes.extract(data, crop, names, prepare=prepare, accurate=request.accurate)
            for data, crop in zip(images, crops, strict=False)
        )
        if seen:
            self._memory.store(key, [one.values for one in seen])
        return seen, key if seen else None

    def _stored(self, keys: Sequence[str], names: Sequence[str]) -> Iterator[ExtractedFeatures]:
        for key in keys:
            pictures = own_pictures(self._catalogue.product(key, vectors=True).get(PICTURES, []))
            first = (
                versions.values_by_feature(
                    pictures[0], versions.feature_names_by_field(self._registry)
                )
                if pictures
                else {}
            )
            yield ExtractedFeatures({name: first[name] for name in names if name in first})
