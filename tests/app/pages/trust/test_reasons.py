"""A case says in words how the copy was made and how the listings differ, in either language."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from app.pages import language
from app.pages.trust.facts import ListingView
from app.pages.trust.reasons import build_reasons
from app.trust.examination.difference import Difference
from app.trust.examination.evidence import ListingPicture, PairFinding
from app.trust.examination.transformation import TRANSFORMATIONS
from features.geometry.alignment import Alignment

AT = datetime(2026, 11, 1, 12, tzinfo=UTC)
MIRRORED_CROP = Alignment((-1, 0, 400, 0, 1, 0), (400, 400), (500, 400), 80, 90, 1.0, 0.98, 0.03)


def listing(key: str, **values: object) -> ListingView:
    picture = ListingPicture(key, key * 64)
    return ListingView(picture, key, None, None, {}, {}, **values)  # type: ignore[arg-type]


def finding(alignment: Alignment | None = MIRRORED_CROP, **values: object) -> PairFinding:
    picture = ListingPicture("b", "b" * 64)
    made = PairFinding(picture, "same_photo", 0.97, 0.99, alignment=alignment)
    return replace(made, **values)  # type: ignore[arg-type]


def texts(found: PairFinding, a: ListingView, b: ListingView, code: str = "en") -> list[str]:
    return [reason.text for reason in build_reasons(found, a, b, language.language(code))]


ORIGINAL = listing(
    "a", seller="north", price=50.0, currency="EUR", added_at=AT, text="GREEN TEA 100 g"
)
COPY = listing(
    "b",
    seller="copyshop",
    price=33.0,
    currency="EUR",
    added_at=AT + timedelta(days=12, hours=3),
    text="Green Tea 24H BEST PRICE 100 g",
)


def test_picture_and_listing_are_told_in_words() -> None:
    stamped = replace(MIRRORED_CROP, details={"blob": 0.03})
    assert texts(finding(stamped), ORIGINAL, COPY) == [
        "mirrored",
        "cropped by 20%",
        "“24H BEST PRICE” printed over it",
        "12 days later",
        "another seller",
        "34% cheaper",
    ]


def test_japanese_is_told_too() -> None:
    assert texts(finding(), ORIGINAL, COPY, "ja") == [
        "左右反転",
        "20%切り抜き",
        "12日後に追加",
        "別の出品者",
        "34%安い",
    ]


def test_overprint_without_words_has_its_share() -> None:
    stamped = replace(MIRRORED_CROP, details={"blob": 0.03})
    told = texts(finding(stamped), ORIGINAL, replace(COPY, text=ORIGINAL.text))
    assert told[2] == "something printed over 3% of it"


def test_listing_reasons_need_both_sides() -> None:
    assert texts(finding(), listing("a"), COPY) == ["mirrored", "cropped by 20%"]
    dollars = replace(COPY, currency="USD", seller="NORTH", added_at=AT + timedelta(minutes=5))
    assert texts(finding(), ORIGINAL, dollars)[2:] == ["the same seller"]
    dearer = replace(ORIGINAL, price=100.0, added_at=AT - timedelta(days=1))
    assert texts(finding(), ORIGINAL, dearer)[2:] == [
        "1 day earlier",
        "the same seller",
        "100% more expensive",
    ]


def test_same_file_and_unaligned_pictures_say_so() -> None:
    bare = listing("a")
    assert texts(finding(None, label="same_file"), bare, bare) == ["equal byte for byte"]
    assert texts(finding(None), bare, bare) == ["the pictures could not be aligned"]
    same = Alignment((1, 0, 0, 0, 1, 0), (400, 400), (400, 400), 80, 90, 1.0, 1.0, 0.0)
    assert texts(finding(same), bare, bare) == ["the picture is unchanged"]


@pytest.mark.parametrize("code", language.CODES)
def test_every_transformation_and_difference_has_words(code: str) -> None:
    spoken = language.language(code)
    assert all(spoken.has(f"trust.done_to.{name}") for name in TRANSFORMATIONS)
    names = Difference.__args__  # type: ignore[attr-defined]
    assert all(spoken.has(f"trust.apart.{name}") for name in names)


def test_what_keeps_two_pictures_apart_comes_first() -> None:
    found = finding(label="same_product", difference="other_print")
    reasons = build_reasons(found, ORIGINAL, COPY, language.language("en"))
    assert (reasons[0].kind, reasons[0].text) == ("apart", "same blank, other print")
