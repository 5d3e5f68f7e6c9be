from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.words.folding import fold
from mappings.words.terms import cut_words, index_terms


def terms(text: str) -> list[str]:
    return [word.term for word in cut_words(text)]


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("wolves", "wolf"),
        ("women's", "woman"),
        ("womens", "woman"),
        ("berries", "berry"),
        ("gloves", "glove"),
        ("shelves", "shelf"),
        ("walking", "walk"),
        ("1.5 l", "1500 ml"),
        ('15"', "15 inches"),
        ("1 kg", "1000g"),
        ("2XL", "XXL"),
        ("38 ½", "38.5"),
        ("38,5", "38.5"),
        ("ﾃｰﾌﾞﾙ", "テーブル"),
        ("かばん", "鞄"),
        ("コップ", "ｺｯﾌﾟ"),
    ],
)
def test_forms_of_one_word_are_one_term(left: str, right: str) -> None:
    assert terms(left) == terms(right)


@pytest.mark.parametrize(
    ("left", "right"),
    [("花柄", "花瓶"), ("手袋", "手帳"), ("42", "42.5"), ("500 ml", "500 g"), ("glass", "glove")],
)
def test_other_words_share_no_term(left: str, right: str) -> None:
    assert not set(index_terms(left).terms) & set(index_terms(right).terms)


@pytest.mark.parametrize(
    ("apart", "whole"), [("coffee pot", "coffeepot"), ("v-neck", "vneck"), ("hand bags", "handbag")]
)
def test_adjacent_words_are_also_stored_as_one(apart: str, whole: str) -> None:
    assert terms(whole)[0] in index_terms(apart).joined


def test_unknown_japanese_word_is_found_by_its_pairs() -> None:
    (word,) = cut_words("ゾグワーペ")
    assert word.alternatives[-1] == ("ゾグ", "グワ", "ワー", "ーペ")


def test_particles_and_stop_words_are_marked() -> None:
    assert [word.is_stop for word in cut_words("本の棚")] == [False, True, False]
    assert [word.is_stop for word in cut_words("a box of toys")] == [True, False, True, False]


def test_number_of_a_count_is_no_length() -> None:
    assert "3" in terms("3 in 1 brush")


@given(st.text(max_size=80))
def test_any_text_is_cut_in_order_and_in_place(text: str) -> None:
    folded = fold(text)
    words = cut_words(text)
    assert all(folded[word.start : word.end] for word in words)
    assert all(a.start < b.start for a, b in pairwise(words))
    assert all(" " not in term for term in index_terms(text).terms)
