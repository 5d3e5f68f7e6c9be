"""The verdict model's fit: what it learns from, and what it is calibrated by."""

from random import Random

from app.trust.examination.verdict import Trees, probability
from bench.signal_table import Row
from bench.verdict_fit import DIRECTIONS, fit

COUNT = 300


def pairs(hues: tuple[float, ...]) -> list[Row]:
    """Return copies, which agree, strangers, which do not, and siblings, of these hues apart."""
    roll = Random(4)
    kinds = [("same_photo", (0.8, 1.0), 0.0), ("different", (0.0, 0.4), 0.0)]
    kinds += [("same_product", (0.8, 1.0), hue) for hue in hues]
    return [
        Row(truth, "judged", "", "a", "b", False, {"agreement": roll.uniform(*span), "hue": hue})
        for truth, span, hue in kinds
        for _ in range(COUNT)
    ]


def says(fitted: dict, agreement: float, hue: float) -> float:  # type: ignore[type-arg]
    row = [{"agreement": agreement, "hue": hue}.get(name) for name in DIRECTIONS]
    return probability(Trees.from_json(fitted).log_odds(row)[0])


def test_what_it_is_calibrated_by_is_also_learnt_from() -> None:
    plain, coloured = pairs(()), pairs((40.0,))
    assert says(fit(plain, plain, ("same_photo",)), 0.95, 40.0) > 0.8
    learnt = fit(plain, coloured, ("same_photo",))
    assert says(learnt, 0.95, 40.0) < says(learnt, 0.95, 0.0)


def test_line_is_that_of_trees_which_never_saw_the_pairs() -> None:
    plain, coloured = pairs(()), pairs((40.0,))
    unsure = fit(plain, coloured, ("same_photo",))
    sure = fit(coloured, coloured, ("same_photo",))
    assert unsure["slope"] < sure["slope"], "half of what looked like copies were siblings"
