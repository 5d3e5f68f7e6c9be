"""A search goes on with parts of an earlier one's pictures, under an id that is always the same."""

import pytest

from app.search.earlier_pictures import (
    WHOLE,
    is_same_search,
    part_query_id,
    picture_parts,
)
from app.search.feature_cache import CachedQuery, new_query_id
from core.errors import InvalidQuery
from features.base import Box

LEFT = Box(0, 0, 0.5, 1)


def two_pictures() -> CachedQuery:
    return CachedQuery(
        new_query_id(), "", ({"a": 1}, {"a": 2}), photos=("p.1", "p.2"), crops=("", "")
    )


def test_the_same_pictures_are_the_same_search() -> None:
    cached = two_pictures()
    assert is_same_search(cached, picture_parts(cached, [], []))
    assert is_same_search(cached, picture_parts(cached, [WHOLE, WHOLE], [1, 2]))


def test_another_part_or_fewer_pictures_are_another_search() -> None:
    cached = two_pictures()
    cropped, second = picture_parts(cached, [LEFT], []), picture_parts(cached, [], [2])
    assert [part.is_other for part in cropped] == [True, False]
    assert [(part.place, part.is_other) for part in second] == [(1, False)]
    assert not is_same_search(cached, cropped)
    assert not is_same_search(cached, second)
    ids = {part_query_id(cached, parts) for parts in (cropped, second)}
    assert len(ids) == 2
    assert part_query_id(cached, picture_parts(cached, [LEFT], [])) in ids
    assert all(len(key) == 22 for key in ids)


@pytest.mark.parametrize(("crops", "numbers"), [([], [3]), ([LEFT, LEFT], [1])])
def test_what_is_not_there_is_named(crops: list[Box], numbers: list[int]) -> None:
    with pytest.raises(InvalidQuery, match="picture"):
        picture_parts(two_pictures(), crops, numbers)
