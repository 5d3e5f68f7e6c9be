"""The features of query pictures are cached for a while, and nothing else of them."""

import json
import os
import time
from pathlib import Path

import pytest

from app.search.feature_cache import QueryFeatureCache, new_query_id
from core.errors import NotFound

VALUES = ({"embedding": [0.5, 0.25], "pdq": {"bits": "ff"}},)


def test_values_come_back_for_their_key(tmp_path: Path) -> None:
    cache, key = QueryFeatureCache(tmp_path / "queries", 60), new_query_id()
    cache.store(key, VALUES)
    assert cache.load(key).pictures == VALUES


def test_another_worker_finds_them(tmp_path: Path) -> None:
    key = new_query_id()
    QueryFeatureCache(tmp_path, 60).store(key, VALUES)
    assert QueryFeatureCache(tmp_path, 60).load(key).pictures == VALUES


def test_what_one_model_saw_is_not_given_to_another(tmp_path: Path) -> None:
    key = new_query_id()
    QueryFeatureCache(tmp_path, 60, "one").store(key, VALUES)
    other = QueryFeatureCache(tmp_path, 60, "two")
    found = other.find(key)
    assert found is not None
    assert found.model_tag == "one"
    with pytest.raises(NotFound, match="send the picture again"):
        other.load(key)


def test_what_an_earlier_version_of_the_program_kept_is_forgotten(tmp_path: Path) -> None:
    key = new_query_id()
    (tmp_path / key).write_text(json.dumps(VALUES))
    with pytest.raises(NotFound):
        QueryFeatureCache(tmp_path, 60).load(key)


def test_expired_values_are_forgotten_and_swept(tmp_path: Path) -> None:
    cache, key = QueryFeatureCache(tmp_path, 60), new_query_id()
    cache.store(key, VALUES)
    old = time.time() - 61
    os.utime(tmp_path / key, (old, old))
    with pytest.raises(NotFound, match="send the picture again"):
        cache.load(key)
    QueryFeatureCache(tmp_path, 60).store(new_query_id(), VALUES)
    assert not (tmp_path / key).exists()


@pytest.mark.parametrize("key", ["", "..", "../../etc/passwd", "x" * 22, "a/b", "\0" * 22])
def test_other_keys_reach_no_file(tmp_path: Path, key: str) -> None:
    with pytest.raises(NotFound):
        QueryFeatureCache(tmp_path, 60).load(key)


def test_query_that_was_found_is_not_read_again(tmp_path: Path) -> None:
    cache, key = QueryFeatureCache(tmp_path, 60, "one"), new_query_id()
    cache.store(key, VALUES)
    found = cache.find(key)
    (tmp_path / key).unlink()
    assert cache.load(key, found).pictures == VALUES
    with pytest.raises(NotFound):
        QueryFeatureCache(tmp_path, 60, "two").load(key, found)


def test_nothing_is_written_when_caching_is_off(tmp_path: Path) -> None:
    QueryFeatureCache(tmp_path / "queries", 0).store(new_query_id(), VALUES)
    assert not (tmp_path / "queries").exists()


def test_only_the_owner_may_look(tmp_path: Path) -> None:
    QueryFeatureCache(tmp_path / "queries", 60).store(new_query_id(), VALUES)
    assert (tmp_path / "queries").stat().st_mode & 0o077 == 0


def test_text_may_be_added_later(tmp_path: Path) -> None:
    cache, key = QueryFeatureCache(tmp_path, 60), new_query_id()
    cache.store(key, VALUES)
    assert cache.texts(key) is None
    cache.add_texts(key, ["oat milk"])
    assert cache.load(key).texts == ("oat milk",)
    assert cache.load(key).pictures == VALUES
    cache.add_texts(new_query_id(), ["of nobody"])
    assert len(list(tmp_path.iterdir())) == 1
