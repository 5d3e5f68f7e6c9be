"""What is stored of a picture and what is asked with it, by every feature nobody waits for."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from features import extraction
from features.base import ClauseContext, Json, Picture
from features.checksum import Checksum
from features.pdq import Pdq
from features.registry import Registry
from tests.support.pictures import clothing, plain


@dataclass(frozen=True)
class Slow:
    """A deferred feature that must never be asked."""

    name: str = "slow"
    version: int = 1
    default_weight: float = 1.0
    proposes_candidates: bool = False

    def mapping(self) -> Json:
        return {"type": "keyword"}

    def extract(self, pictures: Sequence[Picture]) -> list[Json | None]:
        raise AssertionError("somebody waits")

    def clause(self, value: Json, context: ClauseContext) -> Json:
        return {"term": {context.field: value}}

    def is_worthwhile(self, picture: Picture) -> bool:
        return True


EVERY = Registry([Pdq(), Slow(), Checksum()])


def test_slow_features_are_left_out_and_the_others_keep_their_order() -> None:
    assert list(extraction.quick_features(EVERY)) == ["pdq", "checksum"]


def test_what_is_stored_is_what_each_quick_feature_extracts(shared_data: Path) -> None:
    (picture,) = clothing(shared_data, 1)
    assert extraction.extract_stored(picture, EVERY) == {
        "pdq": Pdq().extract([picture])[0],
        "checksum": picture.sha256,
    }


def test_a_feature_that_turns_is_asked_with_its_turns(shared_data: Path) -> None:
    (picture,) = clothing(shared_data, 1)
    assert extraction.extract_query(picture, EVERY) == {
        "pdq": Pdq().extract_query([picture])[0],
        "checksum": picture.sha256,
    }
    assert (
        extraction.extract_query(picture, EVERY)["pdq"]
        != extraction.extract_stored(picture, EVERY)["pdq"]
    )


def test_a_blank_picture_without_a_file_says_nothing() -> None:
    white = plain("white")
    assert extraction.extract_stored(white, EVERY) == extraction.extract_query(white, EVERY) == {}
    assert extraction.extract_query_value(Pdq(), white) is None
