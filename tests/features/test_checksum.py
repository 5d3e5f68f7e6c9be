"""The checksum finds the same file and nothing else."""

from pathlib import Path

from features.base import Box, ClauseContext
from features.checksum import Checksum
from tests.support.pictures import clothing


def test_value_is_the_digest_of_the_stored_file(shared_data: Path) -> None:
    picture = clothing(shared_data, 1)[0]
    assert Checksum().extract([picture]) == [picture.sha256]


def test_a_crop_has_no_checksum(shared_data: Path) -> None:
    part = clothing(shared_data, 1)[0].crop(Box(0.1, 0.1, 0.9, 0.9))
    assert Checksum().extract([part]) == [None]


def test_clause_is_a_term_that_scores_one() -> None:
    assert Checksum().clause("ab" * 32, ClauseContext("images.checksum")) == {
        "constant_score": {"filter": {"term": {"images.checksum": "ab" * 32}}, "boost": 1.0}
    }
