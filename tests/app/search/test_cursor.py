"""Cursors come back as they went, and nothing else is taken for one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.search.cursor import Cursor, decode_cursor
from core.errors import InvalidQuery


@given(
    st.floats(0, 1),
    st.text(max_size=200),
    st.none() | st.text(max_size=64),
    st.integers(2, 99),
    st.text(max_size=12),
)
def test_cursor_survives_the_journey(
    score: float, key: str, picture: str | None, page: int, model: str
) -> None:
    cursor = Cursor((score, key), key, 7, picture, picture, page, model)
    assert decode_cursor(cursor.encode()) == cursor


def test_cursor_of_another_question_or_picture_is_refused() -> None:
    cursor = Cursor((0.5, "a"), "question", picture="mine")
    cursor.check("question", None, None)
    cursor.check("question", "mine", None)
    with pytest.raises(InvalidQuery, match="belongs to another search"):
        cursor.check("another", None, None)
    with pytest.raises(InvalidQuery, match="belongs to another search"):
        cursor.check("question", "yours", None)
    with pytest.raises(InvalidQuery, match="belongs to another search"):
        cursor.check("question", None, "yours")


@given(st.text(max_size=300))
def test_other_text_is_refused_in_one_sentence(text: str) -> None:
    with pytest.raises(InvalidQuery, match="begin again without it"):
        decode_cursor(text)


@pytest.mark.parametrize(
    "plain",
    [
        "[]",
        '[[1],"",0,null,null,2,""]',
        '[["a","b"],"",0,null,null,2,""]',
        '[[true,"b"],"",0,1,null,2,""]',
        '[[],"",-1,null,null,2,""]',
        '[[],"",10000,null,null,2,""]',
        '[[],"",1e999,null,null,2,""]',
    ],
)
def test_well_formed_json_of_another_shape_is_refused(plain: str) -> None:
    import base64

    with pytest.raises(InvalidQuery):
        decode_cursor(base64.urlsafe_b64encode(plain.encode()).decode())


def test_endless_cursor_is_refused() -> None:
    with pytest.raises(InvalidQuery):
        decode_cursor("A" * 1_000_000)
