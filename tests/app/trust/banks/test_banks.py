"""The banks know a picture again and say so to the desk."""

import io
from pathlib import Path

import pytest
from PIL import Image

from app.trust.banks.banks import Banks
from app.trust.banks.entry import EntryDetails
from app.trust.desk.case import Case
from app.trust.desk.decision_log import LogFilter
from app.trust.desk.desk import Desk
from app.trust.examination.evidence import ListingPicture
from core.errors import InvalidQuery, NotFound, UnknownName
from features.geometry.keypoint_store import KeypointStore
from features.imaging.errors import UnreadableImage, UnsupportedImage
from features.imaging.thumbnails import Thumbnails
from tests.support.banking import (
    LISTING,
    WHY,
    Parts,
    banks,
    desk,
    file_of,
    listed,
    only,
    resaved,
    shared,
)
from tests.support.shop import Shop

__all__ = ["banks", "desk", "shared"]


def blank() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (400, 300), "white").save(file, "PNG")
    return file.getvalue()


def test_picture_in_a_bank_is_known_again_as_the_same_file(
    shop: Shop, shared: Parts, banks: Banks
) -> None:
    added = banks.add("allowed", file_of(shop, shared), WHY, "ada")
    match = only(banks, listed(shared))
    assert (match.entry, match.finding.label) == (added.entry, "same_file")
    assert match.finding.picture == added.entry.picture
    assert added.entry.picture == ListingPicture(f"bank:{added.entry.id}", added.entry.image_id)


def test_picture_in_a_bank_is_known_again_when_saved_anew(
    shop: Shop, shared: Parts, banks: Banks
) -> None:
    banks.add("blocked", resaved(file_of(shop, shared)), WHY, "ada")
    match = only(banks, listed(shared))
    assert match.finding.label == "same_photo"
    assert match.finding.signals["pdq_distance"] <= 31


def test_other_pictures_match_nothing(shop: Shop, shared: Parts, banks: Banks) -> None:
    banks.add("blocked", file_of(shop, shared), WHY, "ada")
    others = [listed(shared, key) for key in ("saleor-127", "saleor-128")]
    assert banks.match_stored([others[0], listed(shared), others[1]])[::2] == [[], []]


def test_empty_banks_match_nothing(shared: Parts, banks: Banks) -> None:
    assert banks.match_stored([listed(shared)]) == [[]]
    assert banks.match_stored([]) == []


def test_blocked_wins_over_allowed(shop: Shop, shared: Parts, banks: Banks) -> None:
    banks.add("allowed", file_of(shop, shared), WHY, "ada")
    banks.add("blocked", resaved(file_of(shop, shared)), WHY, "ada")
    assert only(banks, listed(shared)).entry.bank == "blocked"


def test_same_picture_is_in_a_bank_once(shop: Shop, shared: Parts, banks: Banks) -> None:
    first = banks.add("blocked", file_of(shop, shared), WHY, "ada")
    again = banks.add("blocked", file_of(shop, shared), EntryDetails("another reason"), "ben")
    assert (first.is_new, again.is_new) == (True, False)
    assert again.entry == first.entry
    assert banks.counts() == {"blocked": 1, "allowed": 0}


def test_listings_picture_can_be_put_into_a_bank(shared: Parts, banks: Banks) -> None:
    picture = listed(shared)
    added = banks.add_from_listing("allowed", LISTING, picture.document["image_id"], WHY, "ada")
    assert added.entry.has_picture
    assert only(banks, picture).entry == added.entry


def test_newly_blocked_picture_makes_a_case_of_the_old_listings(
    shop: Shop, shared: Parts, banks: Banks, desk: Desk
) -> None:
    added = banks.add("blocked", resaved(file_of(shop, shared)), WHY, "ada")
    (key,) = added.blocked_listings.case_ids
    case = desk.case(key)
    assert (case.queue, case.representative) == ("blocked", added.entry.picture)
    assert LISTING in {member.picture.product_id for member in case.members}
    assert added.blocked_listings.count == len(case.members)
    assert desk.queue_states()["blocked"].open == 1


def test_newly_allowed_picture_makes_no_case(
    shop: Shop, shared: Parts, banks: Banks, desk: Desk
) -> None:
    assert not banks.add("allowed", file_of(shop, shared), WHY, "ada").blocked_listings.case_ids
    assert all(state.open == 0 for state in desk.queue_states().values())


def decide(desk: Desk, case_id: str) -> Case:
    case = desk.claim(case_id, "rika")
    assert case.version is not None
    verdicts = {member.picture.key: "permitted" for member in case.members}
    return desk.decide(case_id, "rika", verdicts, version=case.version)


def test_what_was_decided_is_not_asked_again(
    shop: Shop, shared: Parts, banks: Banks, desk: Desk
) -> None:
    added = banks.add("blocked", resaved(file_of(shop, shared)), WHY, "ada")
    decide(desk, added.blocked_listings.case_ids[0])
    banks.remove(added.entry.id, "ada")
    again = banks.add("blocked", resaved(file_of(shop, shared)), WHY, "ada")
    assert again.is_new
    assert (again.blocked_listings.count, again.blocked_listings.case_ids) == (0, ())


def kept(folder: Path) -> set[str]:
    """Return the kinds of the files in a folder."""
    return {path.suffix for path in folder.rglob("*") if path.is_file()}


def compared(folder: Path, image_id: str) -> bool:
    """Look at a picture as the examination does, which keeps its keypoints."""
    return KeypointStore(folder / "keypoints", Thumbnails(folder)).view(image_id) is not None


def test_removed_picture_is_forgotten(
    shop: Shop, shared: Parts, banks: Banks, tmp_path: Path
) -> None:
    added = banks.add("blocked", resaved(file_of(shop, shared)), WHY, "ada")
    assert compared(tmp_path, added.entry.image_id)
    assert kept(tmp_path) == {".jpg", ".sift"}
    banks.remove(added.entry.id, "ada")
    assert banks.match_stored([listed(shared)]) == [[]]
    assert kept(tmp_path) == set()
    with pytest.raises(NotFound):
        banks.remove(added.entry.id, "ada")


def test_thumbnail_and_keypoints_stay_while_a_listing_shows_the_picture(
    shop: Shop, shared: Parts, banks: Banks, tmp_path: Path
) -> None:
    added = banks.add("blocked", file_of(shop, shared), WHY, "ada")
    assert compared(tmp_path, added.entry.image_id)
    banks.remove(added.entry.id, "ada")
    assert kept(tmp_path) == {".jpg", ".sift"}


def test_every_change_is_in_the_log(shop: Shop, shared: Parts, banks: Banks, desk: Desk) -> None:
    added = banks.add("allowed", file_of(shop, shared), WHY, "ada")
    banks.remove(added.entry.id, "ben")
    banks.import_list("blocked", io.BytesIO(f"{'7' * 64},100".encode()), WHY, "eve")
    found = desk.log_page(LogFilter()).entries
    assert [(one.action, one.reviewer, one.subject) for one in reversed(found)] == [
        ("bank_added", "ada", added.entry.picture.product_id),
        ("bank_removed", "ben", added.entry.picture.product_id),
        ("bank_added", "eve", "bank:blocked"),
    ]


@pytest.mark.parametrize(
    ("data", "kind", "said"),
    [
        (blank(), InvalidQuery, "blank or nearly blank"),
        (b"not a picture", UnsupportedImage, "JPEG"),
        (b"\xff\xd8\xff\xe0" + bytes(100), UnreadableImage, "."),
    ],
)
def test_picture_that_nothing_can_be_recognised_by_is_refused(
    banks: Banks, data: bytes, kind: type[Exception], said: str
) -> None:
    with pytest.raises(kind, match=said):
        banks.add("blocked", data, WHY, "ada")
    assert banks.counts() == {"blocked": 0, "allowed": 0}


def test_names_nobody_knows_are_refused(shared: Parts, banks: Banks) -> None:
    image_id = listed(shared).document["image_id"]
    with pytest.raises(UnknownName, match="blocked"):
        banks.add("blokced", b"", WHY, "ada")
    with pytest.raises(NotFound):
        banks.add_from_listing("blocked", "nobody", image_id, WHY, "ada")
    with pytest.raises(NotFound):
        banks.add_from_listing("blocked", LISTING, "f" * 64, WHY, "ada")
    with pytest.raises(NotFound):
        banks.entry("blocked-nothing")


@pytest.mark.parametrize("reason", ["", "  ", "x" * 1001])
def test_entry_needs_a_reason_of_a_sensible_length(reason: str) -> None:
    with pytest.raises(InvalidQuery):
        EntryDetails(reason)
