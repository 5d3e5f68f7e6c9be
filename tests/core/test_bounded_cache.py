"""A cache forgets what is too old and what is too much."""

from core.bounded_cache import BoundedCache


class Clock:
    """A clock that tests turn."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_entries_are_found_until_they_are_too_old() -> None:
    clock = Clock()
    cache: BoundedCache[str, int] = BoundedCache(10, 60.0, clock)
    cache.store({"a": 1})
    clock.now = 60.0
    cache.store({"b": 2})
    assert cache.find(["a", "b", "c"]) == {"a": 1, "b": 2}
    clock.now = 61.0
    assert cache.find(["a", "b"]) == cache.entries() == {"b": 2}


def test_oldest_entry_makes_room() -> None:
    cache: BoundedCache[str, int] = BoundedCache(2, 60.0)
    cache.store({"a": 1, "b": 2})
    cache.store({"a": 3})
    cache.store({"c": 4})
    assert cache.entries() == {"a": 3, "c": 4}
