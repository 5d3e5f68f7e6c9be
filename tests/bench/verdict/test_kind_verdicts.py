"""The verdict model in use, on hard kinds of pairs that it never saw."""

from pathlib import Path

import pytest

from app.trust.examination.verdict import VerdictModel
from bench.verdict.kind_pairs import KINDS, kind_pairs
from bench.verdict.pair_signals import PairSignalExtractor, PairSignals
from core.environment import Environment
from features import registry

EACH = 3
MODEL = VerdictModel.load()


@pytest.fixture(scope="module")
def rows(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> list[PairSignals]:
    folder = tmp_path_factory.mktemp("kinds")
    pictures = sorted((shared_data / "saleor/images").iterdir())[:12]
    extractor = PairSignalExtractor(registry.load(Environment.current()), folder)
    pairs = kind_pairs("test", pictures, EACH, folder / "stored", seed=40)
    return [extractor.row(pair) for pair in pairs]


def labels(rows: list[PairSignals], truth: str) -> list[bool]:
    """Return for each pair of a truth whether it is called the same photo."""
    return [
        MODEL.label(MODEL.predict(row.signals)) == "same_photo"
        for row in rows
        if row.truth == truth
    ]


def test_hardly_any_variant_is_called_the_same_photo(rows: list[PairSignals]) -> None:
    found = labels(rows, "same_product") + labels(rows, "different")
    assert sum(found) <= 0.2 * len(found)


def test_most_copies_are_called_the_same_photo(rows: list[PairSignals]) -> None:
    found = labels(rows, "same_photo")
    assert sum(found) >= 0.7 * len(found)


def test_every_kind_is_compared(rows: list[PairSignals]) -> None:
    assert {row.kind for row in rows} == set(KINDS)
