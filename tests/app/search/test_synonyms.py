"""A shop's own synonyms find what the shop calls otherwise, and follow their file."""

import logging
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.search.search_answer import SearchAnswer
from app.search.search_parameters import SearchParameters
from app.search.search_request import SearchRequest
from app.search.synonym_file import SynonymFile
from core.errors import InvalidSetting
from tests.support.shop import Shop

RULES = r"""
# what shoppers here say
sneakers => trainers
couture, silk
rainwear => rain boots
wellies, rain boots
襟巻き, scarf
handkerchief => ハンカチ
ハンカチーフ, ハンカチ
hat, cap\, flat
"""

Search = Callable[[str], SearchAnswer]


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("synonyms") / "synonyms.txt"
    path.write_text(RULES, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def search(word_shop: Shop, file: Path) -> Iterator[Search]:
    with word_shop.services(synonyms=file) as services:
        yield lambda words: services.searcher.search(
            SearchRequest(SearchParameters(q=words))  # type: ignore[call-arg]
        )


def ids(answer: SearchAnswer) -> list[str]:
    return [hit.id for hit in answer.results.hits]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("sneakers", {"shoe-1"}),
        ("wellies", {"boot-1", "boot-2"}),
        ("wellies 39", {"boot-1"}),
        ("navy wellies", {"boot-1"}),
        ("襟巻き", {"scarf-1", "scarf-2", "scarf-3"}),
        ("襟巻き 絹", set()),
        ("handkerchief", {"布-1", "布-2"}),
        ("赤いハンカチーフ", {"布-1"}),
        ("ﾊﾝｶﾁｰﾌ", {"布-1", "布-2"}),
        ("scarf without couture", {"scarf-1", "scarf-3"}),
        ("hat", set()),
    ],
)
def test_synonyms_find_what_the_shop_calls_otherwise(
    search: Search, words: str, found: set[str]
) -> None:
    assert set(ids(search(words))) == found


def test_one_way_rule_is_one_way(search: Search) -> None:
    assert search("trainers").reading.required[0].synonyms == ()


def test_typed_word_outranks_a_rarer_synonym(word_shop: Shop, tmp_path: Path) -> None:
    path = tmp_path / "synonyms.txt"
    path.write_text("scarf, trainers", encoding="utf-8")
    with word_shop.services(synonyms=path) as services:
        answer = services.searcher.search(
            SearchRequest(SearchParameters(q="scarf"))  # type: ignore[call-arg]
        )
    assert {hit.id for hit in answer.results.hits[:3]} == {"scarf-1", "scarf-2", "scarf-3"}
    assert ids(answer)[3:] == ["shoe-1"]


def test_synonym_that_names_a_field_leaves_the_typed_word_its_own_fields(
    word_shop: Shop, tmp_path: Path
) -> None:
    path = tmp_path / "synonyms.txt"
    path.write_text("dimmer => lamps", encoding="utf-8")
    with word_shop.services(synonyms=path) as services:
        answer = services.searcher.search(
            SearchRequest(SearchParameters(q="dimmer suede"))  # type: ignore[call-arg]
        )
        mentioned = services.searcher.search(
            SearchRequest(SearchParameters(q="dimmer"))  # type: ignore[call-arg]
        )
    assert ids(answer) == []
    assert ids(mentioned) == ["lamp-1"], "a description mentions it, and it is a lamp"


def test_explanation_shows_the_synonyms(word_shop: Shop, file: Path) -> None:
    with word_shop.app(synonyms=file) as app:
        answer = app.test_client().get("/api/v1/search?q=wellies&explain=true").json
    assert answer is not None
    (part,) = answer["reading"]["parts"]
    assert part["synonyms"] == ["rain boots"]
    assert part["text"] == "wellies"


def test_changed_file_acts_without_a_restart_and_a_broken_one_is_logged(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "synonyms.txt"
    path.write_text("sofa, couch\n", encoding="utf-8")
    synonyms = SynonymFile(path)
    assert set(synonyms.current().texts) == {("sofa",), ("couch",)}
    replace(path, "sofa, divan\n", 1)
    assert set(synonyms.current().texts) == {("sofa",), ("divan",)}
    replace(path, "sofa, bench\nlonely\n", 2)
    with caplog.at_level(logging.ERROR):
        assert set(synonyms.current().texts) == {("sofa",), ("divan",)}
        synonyms.current()
    (record,) = caplog.records
    assert f"{path}, line 2" in record.getMessage()
    path.unlink()
    assert set(synonyms.current().texts) == {("sofa",), ("divan",)}
    replace(path, "sofa, settee\n", 3)
    assert set(synonyms.current().texts) == {("sofa",), ("sette",)}


def replace(path: Path, text: str, seconds: int) -> None:
    """Write a file anew, later by its clock: a file system's may be coarser than a test."""
    path.write_text(text, encoding="utf-8")
    os.utime(path, (seconds, seconds))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"sofa, couch\nlonely\n", "line 2"),
        (b"caf\xe9, bar", "UTF-8"),
        (None, "cannot be read"),
    ],
)
def test_shop_does_not_start_with_a_broken_file(
    word_shop: Shop, tmp_path: Path, content: bytes | None, words: str
) -> None:
    path = tmp_path / "synonyms.txt"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InvalidSetting, match=words) as refused, word_shop.services(synonyms=path):
        pass
    assert str(path) in str(refused.value)
