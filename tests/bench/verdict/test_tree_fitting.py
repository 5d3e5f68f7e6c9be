"""The verdict model's fit: what it learns from, and what it is calibrated by."""

from random import Random

from app.trust.examination.verdict import BoostedTrees, probability
from bench.verdict.pair_signals import PairSignals
from bench.verdict.tree_fitting import DIRECTIONS, fit_trees

COUNT = 400


def pairs(hues: tuple[float, ...]) -> list[PairSignals]:
    """Return copies, which agree, strangers, which do not, and siblings, of these hues apart."""
    roll = Random(4)
    kinds = [("same_photo", (0.8, 1.0), 0.0), ("different", (0.0, 0.4), 0.0)]
    kinds += [("same_product", (0.8, 1.0), hue) for hue in hues]
    return [
        PairSignals(
            truth, "judged", "", "a", "b", False,
            {name: roll.random() for name in DIRECTIONS}
            | {"agreement": roll.uniform(*span), "hue": hue},
        )
        for truth, span, hue in kinds
        for _ in range(COUNT)
    ]  # fmt: skip


def says(fitted: dict, agreement: float, hue: float) -> float:  # type: ignore[type-arg]
    row = [{"agreement": agreement, "hue": hue}.get(name, 0.5) for name in DIRECTIONS]
    return probability(BoostedTrees.from_json(fitted).log_odds(row)[0])


def test_learns_from_both_and_is_as_sure_as_trees_that_never_saw_the_second() -> None:
    plain, coloured = pairs(()), pairs((40.0,))
    learnt = fit_trees(plain, coloured, ("same_photo",))
    assert says(learnt, 0.95, 40.0) < says(learnt, 0.95, 0.0), "only the second have siblings"
    sure = fit_trees(coloured, coloured, ("same_photo",))
    assert learnt["slope"] < sure["slope"], "half of what looked like copies were siblings"
