"""What our own features and region finders promise: the suite that plug-ins run, and the server."""

import re
from collections.abc import Callable
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import ClassVar

import pytest

from core import plug_ins
from core.environment import Environment
from features import capabilities, registry
from features import conformance as suites
from features.base import ClauseContext, Feature, Picture, RegionFinder
from features.capabilities import CAPABILITIES, QueryExpanding
from features.checksum import Checksum
from features.clip.feature import Clip
from features.colour.feature import Colour
from features.conformance.capability_suites import SUITES
from features.conformance.example_pictures import example_pictures
from features.conformance.feature_suite import FeatureConformance
from features.conformance.region_suite import RegionFinderConformance
from features.contract import RESERVED_NAMES
from features.embedding.feature import Embedding
from features.ocr.feature import Ocr
from features.pdq import Pdq
from features.phash import Phash
from features.regions import finders
from mappings.catalogue.products import picture_properties
from tests.support.nested_index import NestedIndex
from tests.support.pictures import load


def installed(group: str) -> dict[str, EntryPoint]:
    return {entry.name: entry for entry in entry_points(group=group) if plug_ins.is_ours(entry)}


def build(name: str, tiny_clip: Path) -> Feature:
    settings = {"LOOKALIKE_CLIP_MODEL": str(tiny_clip)}
    environment = Environment({**Environment.current().values, **settings})
    made: Feature = installed(registry.GROUP)[name].load()(environment)
    return made


def photos(shared_data: Path) -> list[Picture]:
    """Return two photos that are sharp, colourful and lettered."""
    folder = shared_data / "ocr" / "images"
    return [load(folder / "easy_japanese.jpg"), load(folder / "easy_korean.png")]


class OwnFeature(FeatureConformance):
    """Builds the feature that the class names, and gives it real photos."""

    entry: ClassVar[str]

    @pytest.fixture(scope="class")
    @classmethod
    def feature(cls, tiny_clip: Path) -> Feature:
        return build(cls.entry, tiny_clip)

    @pytest.fixture(scope="class")
    @classmethod
    def pictures(cls, shared_data: Path) -> list[Picture]:
        return photos(shared_data)


class TestChecksum(OwnFeature, suites.ConclusiveConformance):
    entry = "checksum"


class TestClip(
    OwnFeature,
    suites.AveragingConformance,
    suites.ExplainingConformance,
    suites.IdentifiedConformance,
    suites.MeasurableConformance,
    suites.RelocatableConformance,
    suites.TextQueryableConformance,
):
    entry = "clip"


class TestColour(
    OwnFeature,
    suites.ExplainingConformance,
    suites.FacetedConformance,
    suites.MeasurableConformance,
):
    entry = "colour"


class TestEmbedding(
    OwnFeature,
    suites.AveragingConformance,
    suites.ConfidentConformance,
    suites.ExplainingConformance,
    suites.IdentifiedConformance,
    suites.MeasurableConformance,
    suites.QueryPhotoAwareConformance,
    suites.RelocatableConformance,
):
    entry = "embedding"


class TestOcr(
    OwnFeature,
    suites.DeferredConformance,
    suites.TextQueryableConformance,
    suites.TextReadingConformance,
):
    entry = "ocr"


class TestPdq(
    OwnFeature,
    suites.ConclusiveConformance,
    suites.ExpensiveQueryConformance,
    suites.ExplainingConformance,
    suites.MeasurableConformance,
    suites.QueryExpandingConformance,
):
    entry = "pdq"


class TestPhash(OwnFeature, suites.ExplainingConformance, suites.MeasurableConformance):
    entry = "phash"


class OwnFinder(RegionFinderConformance):
    """Builds the region finder that the class names."""

    entry: ClassVar[str]

    @pytest.fixture(scope="class")
    @classmethod
    def finder(cls) -> RegionFinder:
        made: RegionFinder = installed(finders.GROUP)[cls.entry].load()(Environment.current())
        return made


class TestObjects(OwnFinder):
    entry = "objects"


class TestPage(OwnFinder):
    entry = "page"


class TestAttention(OwnFinder):
    entry = "attention"


FEATURES = sorted(kind.entry for kind in OwnFeature.__subclasses__())


def test_every_feature_of_ours_has_its_class() -> None:
    assert sorted(installed(registry.GROUP)) == FEATURES


def test_every_finder_that_needs_no_model_has_its_class() -> None:
    tested = {kind.entry for kind in OwnFinder.__subclasses__()}
    assert tested == set(installed(finders.GROUP)) - {"detector"}


def test_every_capability_has_its_suite() -> None:
    protocols = {
        value
        for value in vars(capabilities).values()
        if isinstance(value, type) and value.__module__ == capabilities.__name__
    }
    assert set(CAPABILITIES) == protocols
    assert set(SUITES) == protocols


@pytest.mark.parametrize("name", FEATURES)
def test_the_example_pictures_say_something_to_every_feature(name: str, tiny_clip: Path) -> None:
    assert None not in build(name, tiny_clip).extract(example_pictures())


@pytest.mark.parametrize(
    ("feature", "weight", "proposes_candidates"),
    [
        (Checksum, 0.5, True),
        (Clip, 1.0, False),
        (Colour, 0.0, False),
        (Embedding, 1.0, True),
        (Ocr, 0.5, False),
        (Pdq, 0.5, True),
        (Phash, 0.25, True),
    ],
)
def test_ours_count_and_propose_as_measured(
    feature: type[Feature], weight: float, proposes_candidates: bool
) -> None:
    assert feature.default_weight == weight
    assert feature.proposes_candidates is proposes_candidates


@pytest.fixture(params=FEATURES)
def feature(request: pytest.FixtureRequest, tiny_clip: Path) -> Feature:
    return build(request.param, tiny_clip)


def test_the_server_scores_the_own_picture_highest(
    feature: Feature,
    shared_data: Path,
    nested_index: Callable[[Feature], NestedIndex],
) -> None:
    index, pictures = nested_index(feature), photos(shared_data)
    stored = feature.extract(pictures)
    index.put([("first", stored[0]), ("second", stored[1]), ("empty", None)])
    queries = feature.extract_query(pictures) if isinstance(feature, QueryExpanding) else stored
    for values in (stored, queries):
        for own, value in zip(("first", "second"), values, strict=True):
            scores = index.ask(feature.clause(value, ClauseContext(index.field)))
            assert own in scores
            assert "empty" not in scores
            assert all(0 <= score <= 1 for score in scores.values())
            assert all(score < scores[own] for id_, score in scores.items() if id_ != own)


def test_no_feature_may_be_named_as_another_field_of_a_picture() -> None:
    assert set(picture_properties([])) <= RESERVED_NAMES


def test_the_plug_in_guide_lists_the_taken_names() -> None:
    guide = (Path(__file__).parents[2] / "docs" / "PLUGINS.md").read_text(encoding="utf-8")
    (sentence,) = re.findall(r"^Taken names are (.*?)\.$", guide, re.MULTILINE | re.DOTALL)
    assert set(re.findall(r"`(\w+)`", sentence)) == RESERVED_NAMES
