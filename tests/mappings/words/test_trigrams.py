"""Runs of letters, by which text that was read wrongly in places still matches."""

import pytest

from mappings.words.trigrams import MOST, trigrams


@pytest.mark.parametrize(
    ("text", "runs"),
    [
        ("Oatly", ("oat", "atl", "tly")),
        ("CRÈME 12", ("cre", "rem", "eme")),
        ("to be", ()),
        ("抹茶ラテ", ("抹茶", "茶ラ", "ラテ")),
        ("oat OAT", ("oat",)),
        ("", ()),
    ],
)
def test_words_are_cut_into_runs(text: str, runs: tuple[str, ...]) -> None:
    assert trigrams(text) == runs


def test_misread_word_shares_most_of_its_runs() -> None:
    assert len({*trigrams("tropicana")} & {*trigrams("tropicama")}) >= 5


def test_small_print_is_cut() -> None:
    assert len(trigrams(" ".join(f"{number:06d}" for number in range(5000)))) == MOST
