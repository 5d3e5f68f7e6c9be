"""Tabulate predicted labels against true ones."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from bench.data.judged_pairs import TRUTHS
from bench.statistics import reliability

LABELS = ("same_file", "same_photo", "same_product", "none", "no_signal")
ACCEPTED = {
    "same_photo": {"same_file", "same_photo"},
    "same_product": {"same_product"},
    "different": {"none", "same_product"},
}
"""The labels that are right for a truth. Different products can look alike, so `same_product` is no
error for `different`; `same_photo` is an error for anything but `same_photo`."""


@dataclass(frozen=True)
class Prediction:
    """The prediction for one pair. `probability` is P(same photo), 0 to 1."""

    truth: str
    label: str
    probability: float
    kind: str = ""
    edit: str = ""

    @property
    def is_same_photo(self) -> bool:
        """Return whether the pair really comes from one photo."""
        return self.truth == "same_photo"

    @property
    def is_right(self) -> bool:
        """Return whether the label is accepted for the truth."""
        return self.label in ACCEPTED[self.truth]

    @property
    def is_false_match(self) -> bool:
        """Return whether the label is wrongly `same_photo` or `same_file`."""
        return not self.is_same_photo and self.label in ACCEPTED["same_photo"]


def confusion_table(predictions: Iterable[Prediction]) -> str:
    """Return truth × label as a Markdown table of counts, with the share that is right."""
    counts = Counter((one.truth, one.label) for one in predictions)
    lines = [_row("truth", *LABELS, "right")]
    lines.append(_row("---", *["---:"] * (len(LABELS) + 1)))
    for truth in TRUTHS:
        row = [counts[truth, label] for label in LABELS]
        right = sum(counts[truth, label] for label in ACCEPTED[truth])
        lines.append(_row(truth, *row, _share(right, sum(row))))
    return "\n".join(lines)


def breakdown_table(
    predictions: Sequence[Prediction], name: Callable[[Prediction], str], heading: str
) -> str:
    """Return a Markdown table with a row for each value of `name`.

    `recall` is the share of true same photos labelled so; `false` counts the other pairs labelled
    so.
    """
    groups: dict[str, list[Prediction]] = defaultdict(list)
    for prediction in predictions:
        groups[name(prediction)].append(prediction)
    lines = [_row(heading, "pairs", "same photo", "recall", "false"), _row("---", *["---:"] * 4)]
    for key, members in sorted(groups.items()):
        positives = [prediction for prediction in members if prediction.is_same_photo]
        recall = _share(sum(prediction.is_right for prediction in positives), len(positives))
        false = sum(prediction.is_false_match for prediction in members)
        lines.append(_row(key or "as it is", len(members), len(positives), recall, false))
    return "\n".join(lines)


def markdown_report(predictions: Sequence[Prediction]) -> str:
    """Return the table, the breakdowns by kind and edit, and the calibration, as Markdown.

    Raises ValueError for no predictions.
    """
    probabilities = [one.probability for one in predictions]
    outcomes = [one.is_same_photo for one in predictions]
    between = sum(0.05 < probability < 0.95 for probability in probabilities)
    error = reliability.expected_calibration_error(probabilities, outcomes)
    return "\n\n".join(
        [
            confusion_table(predictions),
            breakdown_table(predictions, lambda one: one.kind, "kind"),
            breakdown_table(predictions, lambda one: one.edit, "edit"),
            f"P(same photo): expected calibration error {error:.4f} ({reliability.BINS} bins of "
            f"equal width), Brier {reliability.brier(probabilities, outcomes):.4f}, "
            f"{len(probabilities)} pairs, {between} of them between 0.05 and 0.95",
        ]
    )


def _row(*cells: object) -> str:
    return f"| {' | '.join(str(cell) for cell in cells)} |"


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.3f}" if whole else "–"
