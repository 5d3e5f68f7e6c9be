"""Stems of English words."""

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import product

import pytest

from mappings.words.english import stem

ENDINGS = ("ing", "ation", "fulness", "ization", "ably", "iveness")
WORDS = ["".join(parts) + ending for parts in product("bcdfg", "aeiou", "lmnrs", "aeiou", "tpk")
         for ending in ENDINGS][:3000]  # fmt: skip


@pytest.fixture
def hasty_threads() -> Iterator[None]:
    """Let threads take turns a hundred times as often as usual."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(usual / 100)
    yield
    sys.setswitchinterval(usual)


@pytest.mark.usefixtures("hasty_threads")
def test_stems_are_the_same_whatever_other_threads_stem() -> None:
    one_by_one = [stem(word) for word in WORDS]
    stem.cache_clear()
    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(stem, WORDS)) == one_by_one
