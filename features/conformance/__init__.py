"""The plug-in contract as tests: a plug-in's own tests subclass these and run them with pytest.

    class TestSharpness(FeatureConformance, MeasurableConformance):
        @pytest.fixture(scope="class")
        @classmethod
        def feature(cls) -> Feature:
            return Sharpness()

One class tests what every feature promises, and one each of the capabilities its promise. A test
fails where the subclass leaves out a capability that the feature has, or names one it lacks.
`docs/PLUGINS.md` has a whole example. Nothing but tests imports this module: it needs pytest.
"""

import pytest

# Before they are imported, so that a failing assert shows its values.
pytest.register_assert_rewrite(
    "features.conformance.capability_suites",
    "features.conformance.feature_suite",
    "features.conformance.region_suite",
)

from features.conformance.capability_suites import (  # noqa: E402
    AveragingConformance,
    ConclusiveConformance,
    ConfidentConformance,
    DeferredConformance,
    ExpensiveQueryConformance,
    ExplainingConformance,
    FacetedConformance,
    IdentifiedConformance,
    MeasurableConformance,
    QueryExpandingConformance,
    QueryPhotoAwareConformance,
    RelocatableConformance,
    TextQueryableConformance,
    TextReadingConformance,
)
from features.conformance.feature_suite import FeatureConformance  # noqa: E402
from features.conformance.region_suite import RegionFinderConformance  # noqa: E402

__all__ = [
    "AveragingConformance",
    "ConclusiveConformance",
    "ConfidentConformance",
    "DeferredConformance",
    "ExpensiveQueryConformance",
    "ExplainingConformance",
    "FacetedConformance",
    "FeatureConformance",
    "IdentifiedConformance",
    "MeasurableConformance",
    "QueryExpandingConformance",
    "QueryPhotoAwareConformance",
    "RegionFinderConformance",
    "RelocatableConformance",
    "TextQueryableConformance",
    "TextReadingConformance",
]
