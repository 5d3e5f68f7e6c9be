"""The numbered pages below a list of results."""

from dataclasses import dataclass

from app.pages.address import Address
from mappings.search.collapsing import MAX_RESULT_WINDOW

AROUND = 1
"""Pages listed on either side of the current one, beside the first and the last."""


@dataclass(frozen=True)
class PageNumber:
    """One page: its number, its address, and whether it is this one; None in a list is a gap."""

    number: int
    url: str
    is_current: bool


def page_numbers(here: Address, current: int, total: int, size: int) -> list[PageNumber | None]:
    """Return the first, the last and the pages around the current one; [] for a single page."""
    last = min(-(-total // size), MAX_RESULT_WINDOW // size)
    if last < 2:
        return []
    wanted = {1, last, *range(current - AROUND, current + AROUND + 1)}
    numbers: list[PageNumber | None] = []
    former = 0
    for number in sorted(number for number in wanted if 1 <= number <= last):
        if number - former == 2:
            numbers.append(_page(here, former + 1, current))
        elif number - former > 2:
            numbers.append(None)
        numbers.append(_page(here, number, current))
        former = number
    return numbers


def page_address(here: Address, number: int) -> Address:
    """Return the address of one page of a search; the first has no number."""
    return here if number == 1 else here.with_field("page", str(number))


def _page(here: Address, number: int, current: int) -> PageNumber:
    return PageNumber(number, page_address(here, number).url, number == current)
