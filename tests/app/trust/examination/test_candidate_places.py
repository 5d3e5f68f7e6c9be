"""Places of the geometric check: copies of one photo leave room for others."""

import numpy as np

from app.trust.examination.candidate import Candidate
from app.trust.examination.candidate_places import choose_places
from app.trust.examination.compared_picture import ComparedPicture
from app.trust.examination.evidence import ListingPicture
from features.base import Json


class Likeness:
    """Compares vectors, as the embedding does."""

    measures = ("cosine",)

    def distance(self, a: Json, b: Json, measure: str | None = None) -> float:
        return 1 - float(a @ b)


def candidate(number: int, photo: int, distance: float) -> Candidate:
    vector = np.zeros(64, np.float32)
    vector[photo] = 1
    picture = ListingPicture(f"listing-{number}", f"{number:064x}")
    compared = ComparedPicture({"embedding": vector}, lambda: None, view_id=picture.image_id)
    return Candidate(picture, compared, {}, distance)


def chosen(candidates: list[Candidate], places: int) -> set[str]:
    views = choose_places(candidates, places, {"embedding": Likeness()})
    assert len(views) == min(places, len({each.view_id for each in candidates}))
    listings = {each.view_id: each.picture.product_id for each in candidates}
    return {listings[view] for view in views}


def test_a_farther_photo_has_a_place_beside_a_crowd() -> None:
    crowd = [candidate(number, 0, 0.1) for number in range(15)]
    assert "listing-15" in chosen([*crowd, candidate(15, 1, 0.3)], 12)


def test_the_nearest_have_places_whatever_they_show() -> None:
    nearest = [candidate(number, number, 0.1) for number in range(6)]
    others = [candidate(number, number, 0.4) for number in range(6, 20)]
    assert {each.picture.product_id for each in nearest} <= chosen([*nearest, *others], 12)


def test_places_left_over_go_to_the_crowd() -> None:
    assert len(chosen([candidate(number, 0, 0.1) for number in range(15)], 12)) == 12


def test_listings_of_one_picture_take_one_place() -> None:
    shared = candidate(0, 0, 0.1)
    listings = [
        Candidate(ListingPicture(f"seller-{number}", shared.image_id), shared.compared, {}, 0.1)
        for number in range(30)
    ]
    views = choose_places([*listings, candidate(1, 1, 0.5)], 4, {"embedding": Likeness()})
    assert len(views) == 2
