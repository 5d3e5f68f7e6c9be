"""The examiner on the loaded shop: stored pictures, products, and what is left without pixels."""

import io
from collections.abc import Iterator

import pytest
from PIL import Image

from app.services import Services
from app.trust.examination import aligner
from app.trust.examination.evidence import Examination
from app.trust.examination.examiner import MAX_P_UNALIGNED
from app.trust.examination.stored_pictures import StoredPicture
from app.trust.examination.verdict import PairProbabilities, VerdictModel
from features.base import Picture
from features.geometry.alignment import Alignment
from features.geometry.comparison import compare
from features.geometry.view import PictureView
from features.imaging.decode import FEED_LIMITS, decode
from mappings.catalogue.products import PICTURES
from mappings.search.filters import Filters
from tests.support.shop import Shop


@pytest.fixture(scope="module")
def services(shop: Shop) -> Iterator[Services]:
    with shop.services() as services:
        yield services


def uploaded(shop: Shop, name: str, turn: Image.Transpose | None = None) -> Picture:
    picture = decode(shop.picture(name), FEED_LIMITS)
    pixels = picture.pixels if turn is None else picture.pixels.transpose(turn)
    file = io.BytesIO()
    pixels.save(file, "JPEG", quality=70)
    return decode(file.getvalue(), FEED_LIMITS)


def same(examination: Examination) -> set[str]:
    labels = ("same_file", "same_photo")
    return {one.picture.image_id for one in examination.findings if one.label in labels}


@pytest.mark.parametrize(
    "turn", [Image.Transpose.ROTATE_90, Image.Transpose.FLIP_LEFT_RIGHT, Image.Transpose.TRANSVERSE]
)
def test_turned_copy_is_the_same_photo(
    services: Services, shop: Shop, turn: Image.Transpose
) -> None:
    original = decode(shop.picture("saleor-mighty-mug.png"), FEED_LIMITS)
    found = services.examiner.examine_upload(uploaded(shop, "saleor-mighty-mug.png", turn))
    assert found.verdict == "same_photo"
    assert same(found) == {original.sha256}
    best = found.findings[0]
    assert best.alignment is not None
    mirrored = turn is not Image.Transpose.ROTATE_90
    assert best.alignment.mirrored == mirrored
    assert best.picture.product_id in found.listings
    assert PICTURES not in found.listings[best.picture.product_id]


def test_stored_pictures_are_examined_without_themselves(services: Services) -> None:
    catalogue = services.catalogue
    sources = [catalogue.product(key, vectors=True) for key in ("saleor-126", "saleor-146")]
    batch = [StoredPicture(source, picture) for source in sources for picture in source[PICTURES]]
    found = services.examiner.examine_stored(batch)
    assert [one.picture.image_id for one in found if one.picture] == [
        one.document["image_id"] for one in batch
    ]
    for listed, examination in zip(batch, found, strict=True):
        assert all(one.picture.product_id != listed.product["id"] for one in examination.findings)


def test_pairs_are_found_from_both_their_ends(services: Services) -> None:
    first, second = (
        services.catalogue.product(key, vectors=True) for key in ("saleor-126", "saleor-146")
    )
    for one, other in ((first, second), (second, first)):
        (examination, *_) = services.examiner.examine_product(one)
        assert other["id"] in {finding.picture.product_id for finding in examination.findings}


def test_without_thumbnails_hashes_and_vectors_still_speak(shop: Shop, tmp_path: object) -> None:
    with shop.services(state_dir=tmp_path) as bare:
        found = bare.examiner.examine_upload(uploaded(shop, "saleor-mighty-mug.png"))
    best = found.findings[0]
    assert best.alignment is None
    assert best.signals["pdq_distance"] <= 31
    assert "inliers" not in best.signals


def test_pictures_that_cannot_be_laid_over_each_other_need_a_near_hash(
    shop: Shop, tmp_path: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    sure = PairProbabilities(0.95, 0.95, ())
    monkeypatch.setattr(VerdictModel, "predict", lambda *_: sure)
    with shop.services(state_dir=tmp_path) as bare:  # without thumbnails nothing can be aligned
        found = bare.examiner.examine_upload(uploaded(shop, "saleor-mighty-mug.png"))
    by_hash = {one.signals["pdq_distance"] <= 31: one.p_same_photo for one in found.findings}
    assert by_hash == {True: 0.95, False: MAX_P_UNALIGNED}
    assert MAX_P_UNALIGNED < 0.5


def test_what_came_to_nothing_is_not_compared_again(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    laid: list[bool] = []

    def counted(*views: PictureView) -> Alignment | None:
        found = compare(*views)
        laid.append(found is not None)
        return found

    monkeypatch.setattr(aligner, "compare", counted)
    with shop.services() as first:
        (first.settings.state_dir / "non_matches.u64").unlink(missing_ok=True)
        source = first.catalogue.product("saleor-126", vectors=True)
        batch = [StoredPicture(source, picture) for picture in source[PICTURES]]
        before = first.examiner.examine_stored(batch)
    with shop.services() as second:  # another process, with the same state folder
        met = len(laid)
        assert second.examiner.examine_stored(batch) == before
    # What may lie on each other is compared anew; of the rest a file tells.
    assert sum(not found for found in laid[:met]) > 0
    assert all(laid[met:])


def test_filters_are_kept_in_every_clause(services: Services, shop: Shop) -> None:
    found = services.examiner.examine_upload(
        uploaded(shop, "saleor-mighty-mug.png"), filters=Filters(terms={"brand": ("nobody",)})
    )
    assert found.findings == ()
    assert found.verdict == "none"
    assert not found.no_signal


def test_blank_picture_is_no_signal(services: Services) -> None:
    blank = Picture(Image.new("RGB", (200, 200), "white"), 200, 200)
    found = services.examiner.examine_upload(blank)
    assert (found.verdict, found.findings) == ("no_signal", ())


def test_nothing_to_examine_asks_nothing(services: Services) -> None:
    assert services.examiner.examine_stored([]) == []
