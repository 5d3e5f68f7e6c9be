import pytest

from mappings.words.codes import asked_codes, code_key


@pytest.mark.parametrize("typed", ["AB-12.34/X", "ab1234x", "AB 12 34 X", "ａｂ１２３４ｘ"])
def test_number_is_one_however_it_is_typed(typed: str) -> None:
    assert code_key(typed) == "ab1234x"
    assert "ab1234x" in asked_codes(typed)


def test_number_among_words_is_asked_for() -> None:
    assert "qx77120" in asked_codes("lamp QX-77120")


@pytest.mark.parametrize("query", ["green lamp", "a b", "12", "xl"])
def test_words_and_short_numbers_are_no_product_numbers(query: str) -> None:
    assert asked_codes(query) == ()


def test_single_word_may_be_a_number_of_letters_alone() -> None:
    assert asked_codes("lamp") == ("lamp",)
