"""Chooses which candidates get the geometric check, so that copies of one photo leave room.

Fifteen copies of one photo are fifteen near candidates. If all places went to them, another photo
in the same picture would never be compared.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence

from app.trust.examination.candidate import Candidate
from features.capabilities import Measurable

NEAREST_SHARE = 2 / 3
"""Share of the places that go to the nearest candidates, whatever they show."""

ONE_PHOTO: Mapping[str, float] = {"pdq": 31, "embedding": 0.12}
"""Distances within which two candidates show one photo, or nearly so: they share a place."""


def choose_places(
    candidates: Sequence[Candidate], places: int, measurable: Mapping[str, Measurable]
) -> list[str]:
    """Return the view ids to compare: the nearest, then one of each further photo, then the rest.

    `candidates` are sorted, the likeliest first. A view that several listings share counts once.
    """
    by_view: dict[str, Candidate] = {}
    for candidate in candidates:
        by_view.setdefault(candidate.view_id, candidate)
    ordered = list(by_view.values())
    if len(ordered) <= places:
        return [each.view_id for each in ordered]
    nearest = round(places * NEAREST_SHARE)
    chosen, others = ordered[:nearest], ordered[nearest:]
    for candidate in others:
        if len(chosen) < places and not _shows_any(candidate, chosen, measurable):
            chosen.append(candidate)
    further = (candidate for candidate in others if candidate not in chosen)
    return [each.view_id for each in [*chosen, *further][:places]]


def _shows_any(
    candidate: Candidate, others: Iterable[Candidate], measurable: Mapping[str, Measurable]
) -> bool:
    return any(_is_one_photo(candidate, other, measurable) for other in others)


def _is_one_photo(
    first: Candidate, second: Candidate, measurable: Mapping[str, Measurable]
) -> bool:
    for name, most in ONE_PHOTO.items():
        value, other = first.compared.values.get(name), second.compared.values.get(name)
        if name in measurable and value is not None and other is not None:
            measure: Callable[..., float] = measurable[name].distance
            if measure(value, other) <= most:
                return True
    return False
