import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.words.folding import fold, is_japanese


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("ＳＯＮＹ　Ｘ１", "sony x1"),
        ("Crème Brûlée", "creme brulee"),
        ("Straße", "strasse"),
        ("ﾊﾞｯｸﾞ", "バッグ"),
        ("がぎ", "がぎ"),
        ("42½", "42 1/2"),
        ("rock’n’roll", "rock'n'roll"),
        ("wi‑fi", "wi-fi"),
        ("a\x07b\u200bc\n d", "a bc d"),
    ],
)
def test_spellings_fold_to_one(written: str, folded: str) -> None:
    assert fold(written) == folded


@given(st.text())
def test_folding_twice_is_folding_once(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@pytest.mark.parametrize("character", ["あ", "ン", "靴", "々", "ー"])
def test_japanese_letters_are_told(character: str) -> None:
    assert is_japanese(character)


@pytest.mark.parametrize("character", ["a", "é", "1", "ｗ", "한", " "])
def test_other_letters_are_not_japanese(character: str) -> None:
    assert not is_japanese(character)


@given(st.text(st.characters(codec="ascii")))
def test_plain_text_folds_as_beside_japanese(text: str) -> None:
    assert fold(text) == fold(f"{text} 犬").removesuffix("犬").strip()
