"""From the pictures and words of a search to the signals that Elasticsearch is queried with."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from app.search.calibration_cache import LoadedCalibration
from app.search.query_extractor import ExtractedFeatures
from app.search.query_pictures import QueryPictures
from app.search.search_parameters import SearchParameters
from core.errors import UnknownName
from features.capabilities import Averaging, Deferred, Measurable, TextQueryable
from features.registry import Registry
from mappings.catalogue.scale import UNCALIBRATED, Scale
from mappings.catalogue.search_terms import COLOUR_FEATURE
from mappings.search.query import ABOUT_WORDS, TEXT, Signal
from mappings.search.shown_text import READ_TEXT
from mappings.search.weights import WORDS_BESIDE_PICTURES

NEGATIVE = "unlike"


def resolve_measures(requested: Mapping[str, str], registry: Registry) -> dict[str, str]:
    """Return feature → measure; a measure under "" is meant for every feature that knows it.

    Raises UnknownName.
    """
    measures: dict[str, str] = {}
    for name, measure in requested.items():
        features = [registry.resolve(name)] if name else list(registry.values())
        known = {f.name: f.measures for f in features if isinstance(f, Measurable)}
        capable = [feature for feature, own in known.items() if measure in own]
        if not capable:
            every = {own_measure for own in known.values() for own_measure in own}
            raise UnknownName(f"similarity of {name}" if name else "similarity", measure, every)
        measures |= dict.fromkeys(capable, measure)
    return measures


@dataclass(frozen=True)
class SignalBuilder:
    """Builds the signals of one search.

    `default_weights` are those of a search that names none. `measures` maps
    features to the measure that the search names for them.
    """

    parameters: SearchParameters
    registry: Registry
    default_weights: Mapping[str, float]
    measures: Mapping[str, str]

    def weight(self, name: str) -> float:
        """Return the relative weight of a feature, or of TEXT, in the score."""
        parameters = self.parameters
        if name in parameters.weight:
            return parameters.weight[name]
        if parameters.features and name in parameters.features:
            return self.default_weights.get(name) or 1.0
        if parameters.features and (name in self.registry or name == READ_TEXT):
            return 0.0
        return self.default_weights.get(name, 1.0)

    def words_multiplier(self, *, beside_pictures: bool) -> float:
        """Return what multiplies the weight of everything words match.

        Beside pictures WORDS_BESIDE_PICTURES, unless the search or the settings name a weight.
        """
        parameters = self.parameters
        is_named = ABOUT_WORDS in self.default_weights or bool(
            {ABOUT_WORDS, TEXT} & parameters.weight.keys()
        )
        if beside_pictures and not is_named:
            return WORDS_BESIDE_PICTURES
        return self.weight(ABOUT_WORDS)

    def feature_names(self) -> tuple[str, ...]:
        """Return the features to extract: those the search names, or all quick ones with a weight.

        Raises UnknownName.
        """
        parameters = self.parameters
        known = {*self.registry, TEXT, READ_TEXT}
        for name in (*parameters.weight, *parameters.features):
            if name not in known and not (name == ABOUT_WORDS and name in parameters.weight):
                raise UnknownName("feature", name, known)
        if parameters.features:
            return tuple(name for name in parameters.features if name not in (TEXT, READ_TEXT))
        return tuple(
            name
            for name, feature in self.registry.items()
            if self.weight(name) > 0
            and (not isinstance(feature, Deferred) or name in parameters.weight)
        )

    def scale(self, pictures: QueryPictures, calibration: LoadedCalibration | None) -> Scale:
        """Return what this search's scores mean.

        Only what was measured is called a probability: a search with one photo, as the index was
        calibrated. Words, stored products, negative examples, several pictures, accurate or
        prepared pictures and weights of the caller's own are other questions.
        """
        parameters = self.parameters
        is_measured = (
            len(pictures.photos) == 1
            and not (pictures.products or pictures.negatives or parameters.q.strip())
            and not pictures.text
            and not (parameters.weight or parameters.features or parameters.similarity)
            and not (parameters.accurate or parameters.prepare)
        )
        if calibration is None or not is_measured:
            return UNCALIBRATED
        return calibration.scale(pictures.photos[0]) or UNCALIBRATED

    def picture_signals(
        self, pictures: QueryPictures, calibrated: Mapping[str, float], *, names_colour: bool
    ) -> Iterator[Signal]:
        """Yield the signals of what to find; `calibrated` weights replace the settings'.

        Where the words name a colour, as in "same but green", the pictures' own count for nothing.
        """
        for signal in self._picture_signals(pictures, calibrated):
            if not (names_colour and signal.feature.name == COLOUR_FEATURE):
                yield signal

    def _picture_signals(
        self, pictures: QueryPictures, calibrated: Mapping[str, float]
    ) -> Iterator[Signal]:
        positives = pictures.positives
        if self.parameters.combine == "average" and len(positives) > 1:
            positives, means = self._averaged(positives)
            yield from means
        for number, positive in enumerate(positives):
            yield from self._signals(positive, str(number), calibrated)

    def negative_signals(self, pictures: QueryPictures) -> Iterator[Signal]:
        """Yield the signals of what to find less of."""
        for number, negative in enumerate(pictures.negatives):
            yield from self._signals(negative, f"{NEGATIVE} {number}", {})

    def word_signals(self, words: str, multiplier: float) -> Iterator[Signal]:
        """Yield the signals of features that words can query, beside the product's own text."""
        for name, feature in self.registry.items():
            weight = self.weight(name) * multiplier
            if words and isinstance(feature, TextQueryable) and weight > 0:
                value = feature.query_from_text(words)
                if value is not None:
                    yield Signal(feature, value, weight, ABOUT_WORDS)

    def _signals(
        self, picture: ExtractedFeatures, about: str, calibrated: Mapping[str, float]
    ) -> Iterator[Signal]:
        for name, value in picture.values.items():
            weight = calibrated.get(name, 0.0) if calibrated else self.weight(name)
            if weight > 0 and name in self.registry:
                yield Signal(self.registry[name], value, weight, about, self.measures.get(name))

    def _averaged(
        self, positives: Sequence[ExtractedFeatures]
    ) -> tuple[tuple[ExtractedFeatures, ...], list[Signal]]:
        """Return the pictures without the values that have an average, and those averages.

        An average weighs as much as the values it stands for.
        """
        means: list[Signal] = []
        for name, feature in self.registry.items():
            values = [picture.values[name] for picture in positives if name in picture.values]
            if isinstance(feature, Averaging) and len(values) > 1 and self.weight(name) > 0:
                mean = feature.average(values)
                if mean is not None:
                    weight = len(values) * self.weight(name)
                    means.append(Signal(feature, mean, weight, "mean", self.measures.get(name)))
        averaged = {signal.feature.name for signal in means}
        remaining = tuple(
            ExtractedFeatures(
                {name: value for name, value in picture.values.items() if name not in averaged}
            )
            for picture in positives
        )
        return remaining, means
