"""The table of signals names every signal of a verdict in words, in either language."""

import pytest

from app.pages.language import CODES, language
from app.pages.trust.comparison import signal_bars
from app.trust.examination.evidence import ListingPicture, PairFinding
from app.trust.examination.verdict import VerdictModel

SIGNALS = VerdictModel.load().signals


def shown_names(code: str) -> list[str]:
    picture = ListingPicture("a", "a" * 64)
    finding = PairFinding(picture, "same_photo", 0.9, 0.9, signals=dict.fromkeys(SIGNALS, 0.25))
    return [bar.name for bar in signal_bars(finding, language(code))]


@pytest.mark.parametrize("code", CODES)
def test_every_signal_of_the_verdict_model_has_a_label(code: str) -> None:
    unnamed = {name for name in SIGNALS if not language(code).has(f"trust.signal.{name}")}
    assert not unnamed


@pytest.mark.parametrize("code", CODES)
def test_no_two_signals_look_alike_in_the_table(code: str) -> None:
    names = shown_names(code)
    assert len(names) == len(set(names)) == len(SIGNALS)
