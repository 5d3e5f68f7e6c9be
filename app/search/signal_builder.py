"""From what a search's pictures and words show to the signals Elasticsearch is asked with."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from app.search.calibration_cache import LoadedCalibration
from app.search.query_extractor import ExtractedFeatures
from app.search.query_pictures import QueryPictures
from app.search.search_request import SearchRequest
from core.errors import UnknownName
from features.base import Averaging, Deferred, Measurable, TextQueryable
from features.registry import Registry
from mappings.catalogue.scale import UNCALIBRATED, Scale
from mappings.search.query import ABOUT_WORDS, TEXT, Signal

NEGATIVE = "unlike"


def resolve_measures(asked: Mapping[str, str], registry: Registry) -> dict[str, str]:
    """Return feature → measure; under "" stands one for every feature that knows it.

    Raises UnknownName.
    """
    chosen: dict[str, str] = {}
    for name, measure in asked.items():
        features = [registry.resolve(name)] if name else list(registry.values())
        known = {f.name: f.measures for f in features if isinstance(f, Measurable)}
        knowing = [one for one, own in known.items() if measure in own]
        if not knowing:
            every = {one for own in known.values() for one in own}
            raise UnknownName(f"similarity of {name}" if name else "similarity", measure, every)
        chosen |= dict.fromkeys(knowing, measure)
    return chosen


@dataclass(frozen=True)
class SignalBuilder:
    """What each feature says in one search. `weights` are the settings'; a feature weighs 1."""

    request: SearchRequest
    registry: Registry
    weights: Mapping[str, float]

    def weight(self, name: str) -> float:
        """Return what a feature, or TEXT, says in the score."""
        request = self.request
        if name in request.weights:
            return request.weights[name]
        if request.features and name in request.features:
            return self.weights.get(name) or 1.0
        if request.features and name in self.registry:
            return 0.0
        return self.weights.get(name, 1.0)

    def feature_names(self) -> tuple[str, ...]:
        """Return the features to look with: those asked for, or all quick ones that count.

        Raises UnknownName.
        """
        request = self.request
        known = {*self.registry, TEXT}
        for name in (*request.weights, *request.features):
            if name not in known and not (name == ABOUT_WORDS and name in request.weights):
                raise UnknownName("feature", name, known)
        if request.features:
            return tuple(name for name in request.features if name != TEXT)
        return tuple(
            name
            for name, feature in self.registry.items()
            if self.weight(name) > 0
            and (not isinstance(feature, Deferred) or name in request.weights)
        )

    def scale(self, looked: QueryPictures, calibrated: LoadedCalibration | None) -> Scale:
        """Return what this search's scores mean.

        A probability is claimed for what was measured alone: one photo, asked as the index was
        calibrated. Words, stored products, negative examples, several pictures, a closer look
        and weights of the caller's own are other questions.
        """
        request = self.request
        is_measured = (
            len(looked.photos) == 1
            and not (looked.products or looked.negatives or request.words.strip())
            and not (request.weights or request.features or request.measures)
            and not (request.accurate or request.prepare)
        )
        if calibrated is None or not is_measured:
            return UNCALIBRATED
        return calibrated.scale(looked.photos[0]) or UNCALIBRATED

    def picture_signals(
        self, looked: QueryPictures, calibrated: Mapping[str, float]
    ) -> Iterator[Signal]:
        """Yield the signals of what is wanted; `calibrated` weights replace the settings'."""
        liked = looked.positives
        if self.request.combine == "average" and len(liked) > 1:
            liked, means = self._averaged(liked)
            yield from means
        for number, one in enumerate(liked):
            yield from self._signals(one, str(number), calibrated)

    def negative_signals(self, looked: QueryPictures) -> Iterator[Signal]:
        """Yield the signals of what is not wanted."""
        for number, one in enumerate(looked.negatives):
            yield from self._signals(one, f"{NEGATIVE} {number}", {})

    def word_signals(self, words: str) -> Iterator[Signal]:
        """Yield what features other than the product's own text say to words."""
        for name, feature in self.registry.items():
            weight = self.weight(name) * self.weight(ABOUT_WORDS)
            if words and isinstance(feature, TextQueryable) and weight > 0:
                value = feature.query_from_text(words)
                if value is not None:
                    yield Signal(feature, value, weight, ABOUT_WORDS)

    def _signals(
        self, one: ExtractedFeatures, about: str, calibrated: Mapping[str, float]
    ) -> Iterator[Signal]:
        for name, value in one.values.items():
            weight = calibrated.get(name, 0.0) if calibrated else self.weight(name)
            if weight > 0 and name in self.registry:
                measure = self.request.measures.get(name)
                yield Signal(self.registry[name], value, weight, about, measure)

    def _averaged(
        self, liked: Sequence[ExtractedFeatures]
    ) -> tuple[tuple[ExtractedFeatures, ...], list[Signal]]:
        """Return the pictures without what has a mean of its own, and those means.

        A mean says as much as the values it stands for.
        """
        means: list[Signal] = []
        for name, feature in self.registry.items():
            values = [one.values[name] for one in liked if name in one.values]
            if isinstance(feature, Averaging) and len(values) > 1 and self.weight(name) > 0:
                mean = feature.average(values)
                if mean is not None:
                    weight = len(values) * self.weight(name)
                    measure = self.request.measures.get(name)
                    means.append(Signal(feature, mean, weight, "mean", measure))
        gone = {signal.feature.name for signal in means}
        rest = tuple(
            ExtractedFeatures(
                {name: value for name, value in one.values.items() if name not in gone}
            )
            for one in liked
        )
        return rest, means
