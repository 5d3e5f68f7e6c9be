"""The numbered pages: the first, the last, and those around this one."""

import pytest

from app.pages.address import Address
from app.pages.page_numbers import page_numbers

HERE = Address((("q", "mug"),))


@pytest.mark.parametrize(
    ("current", "total", "expected"),
    [
        (1, 24, []),
        (1, 25, [1, 2]),
        (1, 240, [1, 2, None, 10]),
        (3, 240, [1, 2, 3, 4, None, 10]),
        (5, 240, [1, None, 4, 5, 6, None, 10]),
        (4, 240, [1, 2, 3, 4, 5, None, 10]),
        (10, 240, [1, None, 9, 10]),
        (1, 10**6, [1, 2, None, 416]),
    ],
)
def test_numbers(current: int, total: int, expected: list[int | None]) -> None:
    pages = page_numbers(HERE, current, total, 24)
    assert [page and page.number for page in pages] == expected
    assert [page.number for page in pages if page and page.is_current] == expected[:0] + (
        [current] if expected else []
    )


def test_the_first_page_has_no_number_in_its_address() -> None:
    first, second = page_numbers(HERE, 2, 30, 24)
    assert first is not None
    assert second is not None
    assert (first.url, second.url) == ("/search?q=mug", "/search?q=mug&page=2")
