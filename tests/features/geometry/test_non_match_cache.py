"""Pairs without alignment: known from both ends, by every process, and never by mistake."""

import hashlib
import logging
import subprocess
import sys
from pathlib import Path

import pytest

from features.geometry import non_match_cache
from features.geometry.non_match_cache import NonMatchCache

ONE, OTHER, THIRD = "1a" * 32, "2b" * 32, "3c" * 32


def test_a_pair_is_known_from_both_its_ends_and_no_other(tmp_path: Path) -> None:
    known = NonMatchCache(tmp_path / "state" / "non_matches.u64")
    assert not known.contains(ONE, OTHER)
    known.add(ONE, OTHER)
    assert known.contains(ONE, OTHER)
    assert known.contains(OTHER, ONE)
    assert not known.contains(ONE, THIRD)
    assert not known.contains(OTHER, THIRD)


def test_what_another_process_noted_is_known_at_once(tmp_path: Path) -> None:
    file = tmp_path / "non_matches.u64"
    known = NonMatchCache(file)
    assert not known.contains(ONE, OTHER)
    script = (
        "import pathlib, sys; from features.geometry.non_match_cache import NonMatchCache;"
        "NonMatchCache(pathlib.Path(sys.argv[1])).add(*sys.argv[2:])"
    )
    subprocess.run([sys.executable, "-c", script, file, OTHER, ONE], check=True)
    assert known.contains(ONE, OTHER)
    assert NonMatchCache(file).contains(ONE, OTHER)


def test_no_pair_is_known_by_chance_however_full_the_table(tmp_path: Path) -> None:
    known = NonMatchCache(tmp_path / "non_matches.u64")
    ids = [hashlib.sha256(str(n).encode()).hexdigest() for n in range(600)]
    for one in ids[:300]:
        for other in ids[:300]:
            known.add(one, other)
    # Places are taken twice now and then, which forgets a pair; it never makes one up.
    assert sum(known.contains(one, other) for one in ids[:300] for other in ids[:300]) > 85_000
    assert not any(known.contains(one, other) for one in ids[:300] for other in ids[300:])


def test_another_way_of_comparing_starts_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = NonMatchCache(tmp_path / "non_matches.u64")
    known.add(ONE, OTHER)
    monkeypatch.setattr(non_match_cache, "_code_digest", lambda: b"another")
    assert not known.contains(ONE, OTHER)


def test_a_file_cut_off_by_a_full_disk_is_completed(tmp_path: Path) -> None:
    file = tmp_path / "non_matches.u64"
    file.write_bytes(bytes(1000))
    known = NonMatchCache(file)
    known.add(ONE, OTHER)
    assert known.contains(ONE, OTHER)
    assert file.stat().st_size == 8 * non_match_cache.SLOTS


def test_without_a_disk_one_process_remembers_alone(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_bytes(b"")
    with caplog.at_level(logging.WARNING):
        known = NonMatchCache(tmp_path / "file" / "non_matches.u64")
        known.add(ONE, OTHER)
    assert known.contains(ONE, OTHER)
    assert "cannot be cached" in caplog.text
