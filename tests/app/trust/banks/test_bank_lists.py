"""Lists of hashes go into the banks and come out, and what they know is found."""

import io
from collections.abc import Mapping
from pathlib import Path

import pytest

from app.trust.banks.banks import Banks
from app.trust.desk.decision_log import LogFilter
from app.trust.desk.desk import Desk
from app.trust.examination.evidence import ListingPicture
from core.errors import InvalidQuery
from features.base import Json
from tests.support.banking import LISTING, WHY, Parts, banks, desk, listed, only, shared

__all__ = ["banks", "desk", "shared"]


def stream(*lines: str) -> io.BytesIO:
    return io.BytesIO("\n".join(lines).encode())


def hash_of(picture: Mapping[str, Json]) -> str:
    return str(picture["pdq"]["bits"])


def flipped(bits: str, number: int) -> str:
    """Return a hash that differs in `number` bits, spread over all bands."""
    value = int(bits, 16)
    for place in range(number):
        value ^= 1 << (place * 8)
    return f"{value:064x}"


def test_pages_show_every_entry_once(banks: Banks) -> None:
    lines = [f"{number:064x},100" for number in range(1, 8)]
    banks.import_list("allowed", stream(*lines), WHY, "ada")
    seen, cursor = [], None
    while True:
        page = banks.page("allowed", 3, cursor)
        seen += [entry.image_id for entry in page.entries]
        if (cursor := page.cursor) is None:
            break
    assert sorted(seen) == [f"{number:064x}" for number in range(1, 8)]
    assert banks.page("blocked").entries == ()


def test_imported_hash_knows_pictures_within_31_bits(shared: Parts, banks: Banks) -> None:
    picture = listed(shared)
    near = flipped(hash_of(picture.document), 31)
    banks.import_list("blocked", stream(f"{near},100"), WHY, "ada")
    match = only(banks, picture)
    assert (match.entry.image_id, match.entry.has_picture) == (near, False)
    assert match.finding.signals["pdq_distance"] == 31


def test_imported_hash_does_not_know_pictures_at_32_bits(shared: Parts, banks: Banks) -> None:
    picture = listed(shared)
    far = flipped(hash_of(picture.document), 32)
    banks.import_list("blocked", stream(f"{far},100"), WHY, "ada")
    assert banks.match_stored([picture]) == [[]]


def test_imported_blocked_hash_makes_a_case_of_the_old_listings(
    shared: Parts, banks: Banks, desk: Desk
) -> None:
    bits = flipped(hash_of(listed(shared).document), 20)
    done = banks.import_list("blocked", stream(f"{bits},90", f"{'5' * 64},90"), WHY, "ada")
    (key,) = done.blocked_listings.case_ids
    case = desk.case(key)
    assert case.representative == ListingPicture(f"bank:blocked-{bits}", bits)
    assert LISTING in {member.picture.product_id for member in case.members}


def test_same_list_again_changes_nothing(shared: Parts, banks: Banks, desk: Desk) -> None:
    lines = [f"{hash_of(listed(shared).document)},100", f"{'3' * 64},80", f"{'3' * 64},80"]
    first = banks.import_list("blocked", stream(*lines), WHY, "ada")
    again = banks.import_list("blocked", stream(*lines), WHY, "ada")
    assert (first.added, first.duplicates) == (2, 1)
    assert (again.added, again.duplicates, again.blocked_listings.case_ids) == (0, 3, ())
    assert desk.queue_states()["blocked"].open == 1
    assert len(desk.log_page(LogFilter()).entries) == 1


def test_list_comes_out_as_it_went_in(banks: Banks, shared_data: Path) -> None:
    published = (shared_data / "pdq" / "published_hashes.csv").read_text().splitlines()[1:]
    lines = sorted({f"{row.split(',')[1]},{row.split(',')[4]}" for row in published})
    usable = {line.split(",")[0]: line for line in lines if int(line.split(",")[1]) >= 50}
    done = banks.import_list("blocked", stream("hash,quality", *lines), WHY, "ada")
    assert done.added == len(usable) > 5
    header, *written = "".join(banks.export_list("blocked")).splitlines()
    assert header == "hash,quality"
    assert sorted(line.split(",")[0] for line in written) == sorted(usable)
    assert banks.import_list("blocked", stream(header, *written), WHY, "ada").added == 0
    assert banks.import_list("allowed", stream(header, *written), WHY, "ada").added == len(usable)


def test_bad_lines_are_named_and_the_rest_goes_in(banks: Banks) -> None:
    lines = [
        "hash,quality",
        f"{'A' * 64},100,photo.jpg",
        "nonsense",
        f"{'1' * 63},100",
        f"{'2' * 64}",
        f"{'2' * 64},high",
        f"{'2' * 64},101",
        f"{'2' * 64},49",
        "",
        "x" * 100_000,
        f'"{"3" * 64}",50',
    ]
    done = banks.import_list("blocked", stream(*lines), WHY, "ada")
    assert (done.added, done.rejected) == (2, 7)
    assert [line.number for line in done.bad] == [3, 4, 5, 6, 7, 8, 10]
    assert {entry.image_id for entry in banks.page().entries} == {"a" * 64, "3" * 64}


def test_file_that_is_no_list_is_refused_early(banks: Banks, shared_data: Path) -> None:
    picture = next((shared_data / "clothing").rglob("*.jpg")).read_bytes()
    with pytest.raises(InvalidQuery, match="not a list of PDQ hashes"):
        banks.import_list("blocked", io.BytesIO(picture * 100), WHY, "ada")
    assert banks.counts()["blocked"] == 0


def test_empty_list_is_taken_for_what_it_is(banks: Banks) -> None:
    done = banks.import_list("blocked", io.BytesIO(b""), WHY, "ada")
    assert (done.added, done.duplicates, done.rejected) == (0, 0, 0)
