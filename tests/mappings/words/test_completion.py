import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.words.completion import (
    CompletionIndex,
    completion_words,
    matched_spans,
    near_beginning,
    read_typed,
    title_beginning,
)

BRANDS = CompletionIndex.build(["Kestrel", "Blue Heron", "Ålborg", "ヤマネコ", "鳩時計店", "Heron"])


def found(typed: str, *, is_near: bool = False) -> list[str]:
    return [BRANDS.texts[n] for n in BRANDS.find(read_typed(typed), is_near=is_near)]


@pytest.mark.parametrize(
    ("typed", "texts"),
    [
        ("kes", ["Kestrel"]),
        ("KES", ["Kestrel"]),
        ("ｋｅｓ", ["Kestrel"]),
        ("al", ["Ålborg"]),
        ("her", ["Blue Heron", "Heron"]),
        ("blue h", ["Blue Heron"]),
        ("red h", []),
        ("blueh", ["Blue Heron"]),
        ("やま", ["ヤマネコ"]),
        ("ﾔﾏ", ["ヤマネコ"]),
        ("はと", ["鳩時計店"]),
        ("鳩時", ["鳩時計店"]),
        ("", []),
        ("!?", []),
        ("strel", []),
    ],
)
def test_texts_are_found_by_the_beginning_of_a_word(typed: str, texts: list[str]) -> None:
    assert found(typed) == texts


@pytest.mark.parametrize("typed", ["kestel", "kesterl", "kestrrel", "kastre", "ksetr"])
def test_one_slip_is_forgiven_from_four_letters(typed: str) -> None:
    assert found(typed) == []
    assert found(typed, is_near=True) == ["Kestrel"]


@pytest.mark.parametrize("typed", ["kst", "kasdre", "jestrel", "123456", "時計屋台"])
def test_short_far_and_unlike_words_are_no_typos(typed: str) -> None:
    assert found(typed, is_near=True) == []


def test_pattern_fits_what_elasticsearch_takes() -> None:
    pattern = near_beginning("abcdefghijklmnopqrstuvwxyz")
    assert pattern is not None
    assert len(pattern) < 1000


def test_japanese_is_stored_from_each_word_on_as_written_and_as_read() -> None:
    words = completion_words("ガラスの花瓶")
    assert {"がらすの花瓶", "がらすのかびん", "花瓶", "かびん"} <= set(words)
    assert not any(word.startswith("の") for word in words)


def test_title_beginning_is_one_word_that_no_word_of_a_title_is() -> None:
    assert title_beginning("Desk  LAMP (small)") == "^desk_lamp_small_"
    assert title_beginning("desk la") == "^desk_la"


@pytest.mark.parametrize(
    ("text", "typed", "marked"),
    [
        ("Wool scarf", "sca", ["sca"]),
        ("Wool Scarf", "wool s", ["Wool", "S"]),
        ("Café table", "cafe", ["Café"]),
        ("ｶﾞﾗｽの器", "がら", ["ｶﾞﾗ"]),
        ("防水イヤホン", "いや", ["イヤ"]),
        ("👟 Straße", "stras", ["Straß"]),
        ("靴下", "くつ", []),
        ("Wool scarf", "cool", []),
        ("<b>bold</b>", "bol", ["bol"]),
    ],
)
def test_marks_show_what_was_typed_in_the_text_as_it_is(
    text: str, typed: str, marked: list[str]
) -> None:
    spans = matched_spans(text, read_typed(typed))
    assert [text[start:end] for start, end in spans] == marked


def test_mark_of_a_typo_is_the_word_that_was_meant() -> None:
    assert matched_spans("Wool scarf", read_typed("scrraf"), is_near=True) == []
    assert matched_spans("Wool scarf", read_typed("scrarf"), is_near=True) == [(5, 10)]


@given(st.text(max_size=60), st.text(max_size=20))
def test_any_text_is_marked_within_itself(text: str, typed: str) -> None:
    for start, end in matched_spans(text, read_typed(typed)):
        assert 0 <= start < end <= len(text)


@given(st.text(max_size=60))
def test_a_text_is_found_by_its_own_words(text: str) -> None:
    index = CompletionIndex.build([text])
    for word in completion_words(text):
        if read_typed(word).words:
            assert index.find(read_typed(word)) == [0]
