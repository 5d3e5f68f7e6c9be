"""Which pictures get a feature's value, and how it is computed: as when they were stored."""

import threading
from collections.abc import Callable, Mapping
from functools import partial

from core.errors import LookalikeError
from features.base import Feature, Json, Picture
from features.capabilities import Conclusive, Deferred, Faceted, QueryPhotoAware
from features.extraction import compared_features
from indexer.backfill.page_filler import Document, ExtractedValues
from indexer.loading.deferred_features import DeferredFeatureWorkers
from mappings.catalogue.products import PART, PLACEHOLDER, REGION, SHOPPER

Pictures = Mapping[str, tuple[Document, Picture]]


def is_applicable(feature: Feature, document: Document) -> bool:
    """Say whether a picture with this document has values of a feature."""
    source = document.get("source")
    if source == PLACEHOLDER:
        return False
    if source == REGION:
        return isinstance(feature, QueryPhotoAware) and not isinstance(feature, Deferred)
    if source == PART:
        return bool(compared_features({feature.name: feature}))
    if source == SHOPPER:
        return not isinstance(feature, Deferred | Faceted | Conclusive)
    return True


def extract_quick(feature: Feature, pictures: Pictures) -> ExtractedValues:
    """Compute a quick feature of pictures; if that fails, of each, to find those at fault."""
    values: dict[str, Json | None] = {}
    problems: dict[str, str] = {}
    own = {key: one for key, (said, one) in pictures.items() if said.get("source") != SHOPPER}
    try:
        values |= zip(own, feature.extract(list(own.values())) if own else (), strict=True)
    except LookalikeError:
        raise
    # A feature's own failure costs one picture, not a backfill of hours.
    except Exception as error:
        if len(own) == 1:
            problems |= dict.fromkeys(own, f"{type(error).__name__}: {error}")
        else:
            for key in own:
                found = extract_quick(feature, {key: pictures[key]})
                values |= found.values
                problems |= found.problems
    for key in pictures.keys() - own.keys():
        (values[key],) = _extract_photo(feature, pictures[key][1])
    return ExtractedValues(values, problems)


def _extract_photo(feature: Feature, photo: Picture) -> list[Json | None]:
    if isinstance(feature, QueryPhotoAware):
        return feature.extract_stored_photo([photo])
    return feature.extract([photo])


class SlowExtraction:
    """Computes a deferred feature in processes of their own. A picture that kills one is named."""

    def __init__(
        self,
        feature: Feature,
        build: Callable[[], Mapping[str, Feature]],
        workers: int,
        backlog: int,
    ) -> None:
        self._feature = feature
        self._workers = DeferredFeatureWorkers(build, workers, backlog)

    def close(self) -> None:
        """End the processes."""
        self._workers.close(drop=True)

    def extract(self, pictures: Pictures) -> ExtractedValues:
        """Return the values of pictures, None for those that are not worth the work."""
        assert isinstance(self._feature, Deferred), "others are extracted in this process"
        values: dict[str, Json | None] = {}
        problems: dict[str, str] = {}
        arrived = threading.Semaphore(0)

        def store(key: str, found: Mapping[str, Json] | None, why: str) -> None:
            if found is None:
                problems[key] = why
            else:
                values[key] = found[self._feature.name]
            arrived.release()

        worthwhile = [k for k, (_, one) in pictures.items() if self._feature.is_worthwhile(one)]
        for key in worthwhile:
            self._workers.submit(pictures[key][1], (self._feature.name,), partial(store, key))
        for _ in worthwhile:
            arrived.acquire()
        values |= dict.fromkeys(pictures.keys() - values.keys() - problems.keys())
        return ExtractedValues(values, problems)
